package dev.koalja.runtime.deployment;

import dev.koalja.pipeline.LinkName;
import dev.koalja.pipeline.PortName;
import dev.koalja.pipeline.StartPosition;
import org.jboss.jandex.Type;

/**
 * The input of a function.
 *
 * @param position which parameter it is, from 0
 * @param name the port
 * @param link the link that is read
 * @param from where to begin
 * @param type the parameter's type
 */
record InputPort(int position, PortName name, LinkName link, StartPosition from, Type type) {}
