package io.accrete.arch;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

/** The main classes of all modules, read once. */
final class ProductClasses {
    static final String ROOT = "io.accrete.";

    static final JavaClasses ALL =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .withImportOption(location -> !location.contains("-tests.jar"))
                    .withImportOption(location -> !location.contains("package-info"))
                    .importPackages("io.accrete");

    private ProductClasses() {}

    static boolean isOurs(JavaClass type) {
        return type.getPackageName().startsWith(ROOT);
    }

    /** Its package without the root: {@code protocol.merge}. */
    static String home(JavaClass type) {
        return type.getPackageName().substring(ROOT.length());
    }
}
