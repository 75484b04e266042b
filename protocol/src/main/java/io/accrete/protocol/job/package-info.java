/** What a job is to everybody outside the coordinator. */
@NullMarked
package io.accrete.protocol.job;

import org.jspecify.annotations.NullMarked;
