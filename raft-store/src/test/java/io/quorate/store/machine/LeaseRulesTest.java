package io.quorate.store.machine;

import static io.quorate.store.machine.MachineDriver.b;
import static io.quorate.store.machine.MachineDriver.refusal;
import static io.quorate.store.machine.MachineDriver.rev;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.StoreError.Code;
import io.quorate.store.Txn;
import io.quorate.store.machine.StoreCommand.ExpireLease;
import io.quorate.store.machine.StoreCommand.GuardPrefix;
import io.quorate.store.machine.StoreCommand.RevokeLease;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Leases, their expiry, and the keys that only members may touch. */
class LeaseRulesTest {
  private static final LeaseId ID = new LeaseId(7);

  private final MachineDriver driver = new MachineDriver();

  @Test
  void leaseIsGrantedOnceAndEachGrantIsANewGeneration() {
    assertThat(driver.grant(7, 3_000).leaseChanges())
        .containsExactly(new LeaseChange.Granted(ID, 1, 3_000));
    assertThat(refusal(driver.grant(7, 3_000))).isEqualTo(Code.LEASE_EXISTS);
    driver.apply(new RevokeLease(ID, Principal.CLIENT));
    assertThat(driver.grant(7, 3_000).result())
        .isEqualTo(new CommandResult.LeaseGranted(ID, 2, 3_000));
  }

  @Test
  void endOfALeaseDeletesItsKeysInKeyOrderAtOneRevision() {
    driver.grant(7, 3_000);
    driver.put("b", "1", 7);
    driver.put("a", "1", 7);
    driver.put("c", "1");
    Applied ended = driver.apply(new RevokeLease(ID, Principal.CLIENT));
    assertThat(ended.revision()).isEqualTo(rev(5));
    assertThat(ended.events()).extracting(Object::toString).hasSize(2);
    assertThat(ended.events().getFirst().toString()).contains("key=a");
    assertThat(driver.all()).extracting(kv -> kv.key().toUtf8()).containsExactly("c");
    assertThat(driver.state().leases().isEmpty()).isTrue();
  }

  @Test
  void keyFollowsItsLastPut() {
    driver.grant(7, 3_000);
    driver.grant(8, 3_000);
    driver.put("a", "1", 7);
    driver.put("a", "2", 8);
    driver.apply(new RevokeLease(ID, Principal.CLIENT));
    assertThat(driver.all()).hasSize(1);
    driver.put("a", "3");
    driver.apply(new RevokeLease(new LeaseId(8), Principal.CLIENT));
    assertThat(driver.all()).hasSize(1);
  }

  @Test
  void leaseWithoutKeysEndsWithoutARevision() {
    driver.grant(7, 3_000);
    Applied ended = driver.apply(new RevokeLease(ID, Principal.CLIENT));
    assertThat(ended.revision()).isEqualTo(rev(1));
    assertThat(ended.leaseChanges()).containsExactly(new LeaseChange.Ended(ID, 1));
    assertThat(refusal(driver.apply(new RevokeLease(ID, Principal.CLIENT))))
        .isEqualTo(Code.LEASE_NOT_FOUND);
  }

  /** A leader decides in term 2, sleeps, leads again in term 4 and only now appends. */
  @Test
  void expiryDecidedInAnotherTermIsIgnored() {
    driver.term(2);
    driver.grant(7, 3_000);
    driver.term(4);
    assertThat(driver.apply(new ExpireLease(ID, 1, 2)).result())
        .isEqualTo(new CommandResult.ExpiryIgnored(ID));
    assertThat(driver.apply(new ExpireLease(ID, 1, 4)).result())
        .isEqualTo(new CommandResult.LeaseEnded(ID));
  }

  @Test
  void expiryOfAFormerLeaseOfTheSameIdIsIgnored() {
    driver.grant(7, 3_000);
    driver.apply(new RevokeLease(ID, Principal.MEMBER));
    driver.grant(7, 3_000);
    assertThat(driver.apply(new ExpireLease(ID, 1, 1)).result())
        .isEqualTo(new CommandResult.ExpiryIgnored(ID));
    assertThat(driver.apply(new ExpireLease(ID, 2, 1)).result())
        .isEqualTo(new CommandResult.LeaseEnded(ID));
    assertThat(driver.apply(new ExpireLease(ID, 2, 1)).result())
        .isEqualTo(new CommandResult.ExpiryIgnored(ID));
  }

  @Test
  void rulesTurnedOffLetTheLateExpiryThrough() {
    MachineDriver lax =
        new MachineDriver(StoreLimits.DEFAULT, new StoreRules(false, false, true, true));
    lax.grant(7, 3_000);
    lax.term(9);
    assertThat(lax.apply(new ExpireLease(ID, 99, 2)).result())
        .isEqualTo(new CommandResult.LeaseEnded(ID));
  }

  @Test
  void clientsDoNotWriteGuardedKeys() {
    driver.apply(new GuardPrefix(b("/g/")));
    driver.put("/g/a", "1");
    assertThat(clientRefused(Op.put(b("/g/a"), b("2")))).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(clientRefused(Op.put(b("/g/"), b("2")))).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(clientRefused(Op.delete(b("/g/none")))).isEqualTo(Code.PERMISSION_DENIED);
    assertThat(clientRefused(new Op.DeleteRange(b("/"), b("0"), false)))
        .isEqualTo(Code.PERMISSION_DENIED);
    assertThat(clientRefused(new Op.DeleteRange(b("\0"), b("\0"), false)))
        .isEqualTo(Code.PERMISSION_DENIED);
    assertThat(clientRefused(new Op.DeleteRange(b("/g/b"), b("/g/c"), false)))
        .isEqualTo(Code.PERMISSION_DENIED);
    assertThat(clientRefused(new Op.Nested(Txn.of(Op.put(b("/g/a"), b("2"))))))
        .isEqualTo(Code.PERMISSION_DENIED);
    assertThat(driver.all()).hasSize(1);
  }

  @Test
  void clientsWriteBesideAndReadGuardedKeys() {
    driver.apply(new GuardPrefix(b("/g/")));
    Txn beside =
        Txn.of(
            Op.put(b("/g"), b("1")),
            Op.put(b("/g0"), b("1")),
            new Op.DeleteRange(b("/a"), b("/g/"), false),
            new Op.DeleteRange(b("/h"), b("\0"), false));
    assertThat(driver.txn(beside, Principal.CLIENT).result())
        .isInstanceOf(CommandResult.Refused.class); // puts "/g", deletes "/a" to "/g/"
    assertThat(
            driver
                .txn(
                    Txn.of(
                        Op.put(b("/g"), b("1")),
                        Op.put(b("/g0"), b("1")),
                        new Op.DeleteRange(b("/g1"), b("\0"), false),
                        Op.get(RangeQuery.prefix(b("/g/")))),
                    Principal.CLIENT)
                .result())
        .isInstanceOf(CommandResult.TxnDone.class);
  }

  /** The branch not taken counts as well: what a client may do does not depend on the state. */
  @Test
  void guardLooksAtBothBranches() {
    driver.apply(new GuardPrefix(b("/g/")));
    Txn txn = new Txn(List.of(), List.of(), List.of(Op.put(b("/g/a"), b("1"))));
    assertThat(refusal(driver.txn(txn, Principal.CLIENT))).isEqualTo(Code.PERMISSION_DENIED);
  }

  @Test
  void clientsDoNotRevokeALeaseThatHoldsAGuardedKey() {
    driver.apply(new GuardPrefix(b("/g/")));
    driver.grant(7, 3_000);
    driver.put("/z", "1", 7);
    driver.put("/a", "1", 7);
    driver.put("/g/leader", "1", 7);
    RevokeLease byClient = new RevokeLease(ID, Principal.CLIENT);
    assertThat(refusal(driver.apply(byClient))).isEqualTo(Code.PERMISSION_DENIED);
    driver.delete("/g/leader");
    assertThat(driver.apply(byClient).result()).isEqualTo(new CommandResult.LeaseEnded(ID));
  }

  @Test
  void membersDoWhatClientsMayNot() {
    driver.apply(new GuardPrefix(b("/g/")));
    driver.grant(7, 3_000);
    driver.put("/g/leader", "1", 7);
    assertThat(driver.apply(new RevokeLease(ID, Principal.MEMBER)).result())
        .isEqualTo(new CommandResult.LeaseEnded(ID));
  }

  @Test
  void guardIsIdempotentAndBounded() {
    assertThat(driver.apply(new GuardPrefix(b("/g/"))).result())
        .isEqualTo(new CommandResult.PrefixGuarded(rev(1)));
    assertThat(driver.apply(new GuardPrefix(b("/g/"))).result())
        .isEqualTo(new CommandResult.PrefixGuarded(rev(1)));
    assertThat(refusal(driver.apply(new GuardPrefix(Bytes.EMPTY))))
        .isEqualTo(Code.INVALID_ARGUMENT);
    for (int i = 1; i < StoreLimits.DEFAULT.guards(); i++) {
      assertThat(driver.apply(new GuardPrefix(b("/" + i))).result())
          .isInstanceOf(CommandResult.PrefixGuarded.class);
    }
    assertThat(refusal(driver.apply(new GuardPrefix(b("/more"))))).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(driver.apply(new GuardPrefix(b("/g/"))).result())
        .isInstanceOf(CommandResult.PrefixGuarded.class);
  }

  private Code clientRefused(Op op) {
    return refusal(driver.txn(Txn.of(op), Principal.CLIENT));
  }
}
