/**
 * One PostgreSQL instance: processes, files, SQL, backup, rewind. Offers verbs and reports facts;
 * holds no policy. The only package that knows JDBC and PostgreSQL's programs.
 */
@NullMarked
package io.quorate.ha.postgres;

import org.jspecify.annotations.NullMarked;
