@NullMarked
package dev.koalja.test;

import org.jspecify.annotations.NullMarked;
