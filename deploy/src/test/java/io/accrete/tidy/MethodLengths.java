package io.accrete.tidy;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;

import io.accrete.tidy.SourceTree.Source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** How many lines each method has, from its first modifier to its closing brace. */
final class MethodLengths {

    record Method(String file, String name, long firstLine, long lines) {}

    private MethodLengths() {}

    static List<Method> of(List<Source> sources) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<Method> methods = new ArrayList<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            var inputs =
                    files.getJavaFileObjectsFromPaths(sources.stream().map(Source::path).toList());
            var options = List.of("-proc:none", "--release", "25");
            var task = (JavacTask) compiler.getTask(null, files, null, options, null, inputs);
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new Scanner(unit, positions, methods).scan(unit, null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return methods;
    }

    private static final class Scanner extends TreePathScanner<Void, Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<Method> methods;

        private Scanner(CompilationUnitTree unit, SourcePositions positions, List<Method> methods) {
            this.unit = unit;
            this.positions = positions;
            this.methods = methods;
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            LineMap lines = unit.getLineMap();
            long end = positions.getEndPosition(unit, method);
            if (end >= 0) {
                long first = lines.getLineNumber(positions.getStartPosition(unit, method));
                long length = lines.getLineNumber(end) - first + 1;
                String file = SourceTree.ROOT.relativize(fileOf(unit)).toString();
                methods.add(new Method(file, method.getName().toString(), first, length));
            }
            return super.visitMethod(method, null);
        }

        private static java.nio.file.Path fileOf(CompilationUnitTree unit) {
            return java.nio.file.Path.of(unit.getSourceFile().toUri());
        }
    }
}
