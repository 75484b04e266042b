/** Brings together what a training needs: its job, its model, its plan. */
@NullMarked
package io.accrete.coordinator.finetune;

import org.jspecify.annotations.NullMarked;
