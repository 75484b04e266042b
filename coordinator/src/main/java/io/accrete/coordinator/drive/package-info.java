/** What drivers of all kinds of jobs share: blocking work, the staging folder, publication. */
@NullMarked
package io.accrete.coordinator.drive;

import org.jspecify.annotations.NullMarked;
