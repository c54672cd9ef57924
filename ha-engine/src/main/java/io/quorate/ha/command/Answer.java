package io.quorate.ha.command;

import io.quorate.ha.model.Intent;
import io.quorate.ha.model.Refusal;

/** What became of a wish when it was handed in. */
public sealed interface Answer {

  /** It stands in the store, as {@code intent}; what becomes of it is seen there. */
  record Accepted(Intent intent) implements Answer {}

  /** It was not written, or (with that code) it is not known whether it was. */
  record Refused(Refusal refusal) implements Answer {}
}
