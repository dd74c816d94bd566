package dev.koalja.gateway.journal;

import dev.koalja.pipeline.error.ErrorCode;
import dev.koalja.pipeline.error.KoaljaException;
import io.agroal.api.AgroalDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Asks the index; a row becomes a value. Thread-safe. */
record Sql(AgroalDataSource database) {

  /** Makes a value of the row the result set stands on. */
  @FunctionalInterface
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** Every row of a query. */
  <T> List<T> list(String query, Row<T> row, Object... parameters) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(query)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<T> values = new ArrayList<>();
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          values.add(row.read(found));
        }
      }
      return values;
    } catch (SQLException e) {
      throw new KoaljaException(
          ErrorCode.INTERNAL, "the journal index does not answer: " + e.getMessage(), e);
    }
  }
}
