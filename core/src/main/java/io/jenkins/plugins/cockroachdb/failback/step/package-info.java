/**
 * The steps of a pipeline, each as a contract: parameters, an operation, a result of plain values. {@link
 * io.jenkins.plugins.cockroachdb.failback.step.CloudSteps} lists them. Whoever offers them to a pipeline is a {@link
 * io.jenkins.plugins.cockroachdb.failback.step.StepHost} and adds nothing but its own way of saving, showing and stopping.
 *
 * <p>A step may be killed at any point and is begun anew from the {@link
 * io.jenkins.plugins.cockroachdb.failback.step.Progress} that its host saved. Every write is saved before it is sent, so what
 * is begun anew knows that it may have been sent, and reads before it does anything.
 */
package io.jenkins.plugins.cockroachdb.failback.step;
