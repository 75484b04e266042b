/** One bridge into a package-private class of DJL; see {@link ai.djl.pytorch.jni.ScriptCall}. */
@NullMarked
package ai.djl.pytorch.jni;

import org.jspecify.annotations.NullMarked;
