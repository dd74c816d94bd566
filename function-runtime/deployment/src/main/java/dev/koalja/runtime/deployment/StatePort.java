package dev.koalja.runtime.deployment;

import org.jboss.jandex.Type;

/**
 * The parameter through which a function remembers things of a key.
 *
 * @param position which parameter it is, from 0
 * @param parameter the parameter's name
 * @param element the type of what is remembered
 */
record StatePort(int position, String parameter, Type element) {}
