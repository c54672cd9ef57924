package io.quorate.store.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import java.util.List;
import java.util.Optional;

/** Applies commands at ever new log indexes, in short words. */
final class MachineDriver {
  private final StoreMachine machine;
  private long term = 1;
  private long index;

  MachineDriver(StoreLimits limits, StoreRules rules) {
    this.machine = new StoreMachine(StoreState.empty(limits), rules);
  }

  MachineDriver() {
    this(StoreLimits.DEFAULT, StoreRules.STRICT);
  }

  static Bytes b(String text) {
    return Bytes.utf8(text);
  }

  static Revision rev(long value) {
    return new Revision(value);
  }

  StoreMachine machine() {
    return machine;
  }

  StoreState state() {
    return machine.state();
  }

  void term(long next) {
    term = next;
  }

  long term() {
    return term;
  }

  Applied apply(StoreCommand command) {
    index++;
    return machine.apply(command, term, index);
  }

  Applied txn(Txn txn) {
    return txn(txn, Principal.MEMBER);
  }

  Applied txn(Txn txn, Principal principal) {
    return apply(new StoreCommand.TxnCommand(txn, principal, Optional.empty()));
  }

  TxnResult done(Txn txn) {
    return done(txn(txn));
  }

  static TxnResult done(Applied applied) {
    assertThat(applied.result()).isInstanceOf(CommandResult.TxnDone.class);
    return ((CommandResult.TxnDone) applied.result()).result();
  }

  Applied put(String key, String value) {
    return txn(Txn.of(Op.put(b(key), b(value))));
  }

  Applied put(String key, String value, long lease) {
    return txn(Txn.of(Op.put(b(key), b(value), new LeaseId(lease))));
  }

  Applied delete(String key) {
    return txn(Txn.of(Op.delete(b(key))));
  }

  Applied grant(long id, long ttlMillis) {
    return apply(new StoreCommand.GrantLease(new LeaseId(id), ttlMillis, Principal.MEMBER));
  }

  OpResult.Range read(RangeQuery query) {
    Outcome<OpResult.Range> outcome = state().range(query);
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done<OpResult.Range>) outcome).value();
  }

  List<KeyValue> all() {
    return read(RangeQuery.range(KeyRange.ALL.key(), KeyRange.ALL.rangeEnd())).keys();
  }

  static StoreError.Code refusal(Applied applied) {
    assertThat(applied.result()).isInstanceOf(CommandResult.Refused.class);
    return ((CommandResult.Refused) applied.result()).error().code();
  }
}
