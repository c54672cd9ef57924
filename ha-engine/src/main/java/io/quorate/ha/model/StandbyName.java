package io.quorate.ha.model;

/** The {@code application_name} under which a standby receives: attributable to one directory. */
public final class StandbyName {

  /** PostgreSQL cuts longer names. */
  private static final int NAME_MAX = 63;

  private StandbyName() {}

  /** {@code <member>_<epoch>_<data id>}, the member's name cut where it is too long. */
  public static String of(MemberName member, Epoch epoch, DataId dataId) {
    String suffix = "_" + epoch + "_" + dataId.shortForm();
    String name = member.value();
    return name.substring(0, Math.min(name.length(), NAME_MAX - suffix.length())) + suffix;
  }
}
