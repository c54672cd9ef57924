package io.quorate.store;

/** On whose behalf a request is made; decides who may write guarded keys. */
public enum Principal {
  /** A member's own engine. */
  MEMBER,
  /** Anybody who came in through the etcd API. */
  CLIENT
}
