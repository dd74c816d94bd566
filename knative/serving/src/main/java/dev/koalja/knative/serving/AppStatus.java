package dev.koalja.knative.serving;

import dev.koalja.pipeline.PipelineName;
import dev.koalja.pipeline.TaskName;
import java.util.List;
import java.util.Optional;

/**
 * The instances of one app in one pipeline, or of one isolated task, at one moment.
 *
 * @param pipeline the pipeline it serves
 * @param app the app's name
 * @param tasks the tasks its instances run, in the order of the pipeline
 * @param instances every instance that has not ended, oldest first
 * @param waiting requests that wait for a place
 * @param starts what became of its starts
 * @param reason why no instance can be had at present, for people; absent when all is well
 */
public record AppStatus(
    PipelineName pipeline,
    String app,
    List<TaskName> tasks,
    List<InstanceStatus> instances,
    int waiting,
    Starts starts,
    Optional<String> reason) {
  public AppStatus {
    tasks = List.copyOf(tasks);
    instances = List.copyOf(instances);
  }
}
