package io.quorate.node.config;

import io.quorate.ha.model.MemberName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code raft}: the store's members and this one's ports. */
final class RaftSection {

  /** Default distance of a member's member service from its Raft port. */
  static final int MEMBER_PORT_OFFSET = 10;

  private final Section root;
  private final Section section;

  RaftSection(Section root) {
    this.root = root;
    this.section = root.section("raft");
  }

  /**
   * Reads the section.
   *
   * @param name this member
   * @param stateDir where {@code data_dir} lies unless it is given
   * @param grpc this member's gRPC port, which the others have too unless they say otherwise
   * @param etcd this member's port for etcd's clients, likewise
   */
  Optional<NodeConfig.Raft> read(
      Optional<MemberName> name, Path stateDir, Optional<HostPort> grpc, Optional<HostPort> etcd) {
    PatroniKeys.RAFT.check(section);
    List<NodeConfig.RaftMember> members = members(grpc, etcd);
    if (members.isEmpty()) {
      if (!section.has("members")) {
        section.error(
            "members",
            "is required: list every member of the store, the same in every member's file, such as"
                + " '- {name: a, address: 10.0.0.1:2380}'");
      }
      return Optional.empty();
    }
    Optional<NodeConfig.RaftMember> own = name.flatMap(n -> own(members, n));
    Optional<HostPort> listen = listen("listen", own.map(NodeConfig.RaftMember::address));
    Optional<HostPort> memberListen =
        listen(
            "member_listen",
            own.flatMap(member ->
                listen.map(at -> new HostPort(at.host(), member.memberAddress().port()))));
    own.ifPresent(this::checkConnectAddress);
    Path dataDir = section.text("data_dir").map(Path::of).orElse(stateDir.resolve("raft"));
    if (!dataDir.isAbsolute()) {
      section.error("data_dir", "must be an absolute path, is '" + dataDir + "'");
    }
    if (listen.isEmpty() || memberListen.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new NodeConfig.Raft(listen.get(), memberListen.get(), dataDir, members));
  }

  private Optional<HostPort> listen(String key, Optional<HostPort> otherwise) {
    Optional<HostPort> listen =
        section.has(key) ? section.hostPort(key, Optional.empty()) : otherwise;
    Reading.requirePlaintextSetting(root, section, key, listen);
    return listen;
  }

  private Optional<NodeConfig.RaftMember> own(
      List<NodeConfig.RaftMember> members, MemberName name) {
    Optional<NodeConfig.RaftMember> own =
        members.stream().filter(member -> member.name().equals(name)).findFirst();
    if (own.isEmpty()) {
      section.error(
          "members",
          "has no entry for this member, '"
              + name
              + "': add one, or correct 'name' (listed are "
              + String.join(", ", members.stream().map(m -> m.name().value()).toList())
              + ")");
    }
    return own;
  }

  private void checkConnectAddress(NodeConfig.RaftMember own) {
    section
        .hostPort("connect_address", Optional.empty())
        .filter(given -> !given.equals(own.address()))
        .ifPresent(given ->
            section.error(
                "connect_address",
                given
                    + " is not this member's address in 'members', "
                    + own.address()
                    + ": give both the same, or leave connect_address out"));
  }

  private List<NodeConfig.RaftMember> members(Optional<HostPort> grpc, Optional<HostPort> etcd) {
    List<NodeConfig.RaftMember> members = new ArrayList<>();
    for (Section entry : section.sections("members")) {
      PatroniKeys.RAFT_MEMBER.check(entry);
      Optional<MemberName> name = Names.member(entry, "name");
      if (!entry.has("address")) {
        entry.error("address", "is required: the member's Raft port, HOST:PORT");
      }
      Optional<HostPort> address = address(entry, "address");
      if (name.isEmpty() || address.isEmpty()) {
        continue;
      }
      Optional<HostPort> memberAddress = memberAddress(entry, address.get());
      Optional<HostPort> grpcAddress =
          entry.has("grpc_address")
              ? address(entry, "grpc_address")
              : grpc.map(own -> new HostPort(address.get().host(), own.port())).or(() -> address);
      Optional<HostPort> etcdAddress =
          entry.has("etcd_address")
              ? address(entry, "etcd_address")
              : etcd.map(own -> new HostPort(address.get().host(), own.port()));
      if (memberAddress.isPresent() && grpcAddress.isPresent()) {
        NodeConfig.RaftMember member =
            new NodeConfig.RaftMember(
                name.get(), address.get(), memberAddress.get(), grpcAddress.get(), etcdAddress);
        checkDistinct(entry, member, members);
        members.add(member);
      }
    }
    return members;
  }

  private static Optional<HostPort> memberAddress(Section entry, HostPort address) {
    if (entry.has("member_address")) {
      return address(entry, "member_address");
    }
    try {
      return Optional.of(address.plus(MEMBER_PORT_OFFSET));
    } catch (IllegalArgumentException e) {
      entry.error(
          "member_address",
          "defaults to the port of 'address' plus "
              + MEMBER_PORT_OFFSET
              + ", but "
              + e.getMessage());
      return Optional.empty();
    }
  }

  private static Optional<HostPort> address(Section entry, String key) {
    Optional<HostPort> address = entry.hostPort(key, Optional.empty());
    if (address.filter(HostPort::isWildcard).isPresent()) {
      entry.error(key, "must be one address that the other members reach, not " + address.get());
      return Optional.empty();
    }
    return address;
  }

  private static void checkDistinct(
      Section entry, NodeConfig.RaftMember member, List<NodeConfig.RaftMember> before) {
    if (member.address().equals(member.memberAddress())) {
      entry.error("member_address", "is the Raft port too: give the member service its own");
    }
    for (NodeConfig.RaftMember other : before) {
      if (other.name().equals(member.name())) {
        entry.error("name", "'" + member.name() + "' is listed twice: names must differ");
      }
      if (other.address().equals(member.address())) {
        entry.error("address", member.address() + " is " + other.name() + "'s already");
      }
      if (other.memberAddress().equals(member.memberAddress())) {
        entry.error(
            "member_address", member.memberAddress() + " is " + other.name() + "'s already");
      }
    }
  }
}
