package io.quorate.rpc.etcd;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which path of the JSON form means which method: etcd's own list. */
final class JsonRoutes {

  private static final String PACKAGE = "etcdserverpb.";

  /** Paths below {@code /v3/} and methods below {@code etcdserverpb.}. */
  private static final Map<String, String> PATHS =
      Map.ofEntries(
          Map.entry("kv/range", "KV/Range"),
          Map.entry("kv/put", "KV/Put"),
          Map.entry("kv/deleterange", "KV/DeleteRange"),
          Map.entry("kv/txn", "KV/Txn"),
          Map.entry("kv/compaction", "KV/Compact"),
          Map.entry("watch", "Watch/Watch"),
          Map.entry("lease/grant", "Lease/LeaseGrant"),
          Map.entry("lease/revoke", "Lease/LeaseRevoke"),
          Map.entry("kv/lease/revoke", "Lease/LeaseRevoke"),
          Map.entry("lease/keepalive", "Lease/LeaseKeepAlive"),
          Map.entry("lease/timetolive", "Lease/LeaseTimeToLive"),
          Map.entry("kv/lease/timetolive", "Lease/LeaseTimeToLive"),
          Map.entry("lease/leases", "Lease/LeaseLeases"),
          Map.entry("kv/lease/leases", "Lease/LeaseLeases"),
          Map.entry("cluster/member/list", "Cluster/MemberList"),
          Map.entry("cluster/member/add", "Cluster/MemberAdd"),
          Map.entry("cluster/member/remove", "Cluster/MemberRemove"),
          Map.entry("cluster/member/update", "Cluster/MemberUpdate"),
          Map.entry("cluster/member/promote", "Cluster/MemberPromote"),
          Map.entry("maintenance/alarm", "Maintenance/Alarm"),
          Map.entry("maintenance/status", "Maintenance/Status"),
          Map.entry("maintenance/defragment", "Maintenance/Defragment"),
          Map.entry("maintenance/hash", "Maintenance/Hash"),
          Map.entry("maintenance/hashkv", "Maintenance/HashKV"),
          Map.entry("maintenance/snapshot", "Maintenance/Snapshot"),
          Map.entry("maintenance/downgrade", "Maintenance/Downgrade"),
          Map.entry("maintenance/transfer-leadership", "Maintenance/MoveLeader"),
          Map.entry("auth/status", "Auth/AuthStatus"),
          Map.entry("auth/authenticate", "Auth/Authenticate"),
          Map.entry("auth/enable", "Auth/AuthEnable"),
          Map.entry("auth/disable", "Auth/AuthDisable"),
          Map.entry("auth/user/add", "Auth/UserAdd"),
          Map.entry("auth/user/get", "Auth/UserGet"),
          Map.entry("auth/user/list", "Auth/UserList"),
          Map.entry("auth/user/delete", "Auth/UserDelete"),
          Map.entry("auth/user/changepw", "Auth/UserChangePassword"),
          Map.entry("auth/user/grant", "Auth/UserGrantRole"),
          Map.entry("auth/user/revoke", "Auth/UserRevokeRole"),
          Map.entry("auth/role/add", "Auth/RoleAdd"),
          Map.entry("auth/role/get", "Auth/RoleGet"),
          Map.entry("auth/role/list", "Auth/RoleList"),
          Map.entry("auth/role/delete", "Auth/RoleDelete"),
          Map.entry("auth/role/grant", "Auth/RoleGrantPermission"),
          Map.entry("auth/role/revoke", "Auth/RoleRevokePermission"));

  /** Of etcd's other packages, none of whose methods is served. */
  private static final Map<String, String> OTHERS =
      Map.of(
          "/v3/lock/lock", "v3lockpb.Lock/Lock",
          "/v3/lock/unlock", "v3lockpb.Lock/Unlock",
          "/v3/election/campaign", "v3electionpb.Election/Campaign",
          "/v3/election/proclaim", "v3electionpb.Election/Proclaim",
          "/v3/election/leader", "v3electionpb.Election/Leader",
          "/v3/election/observe", "v3electionpb.Election/Observe",
          "/v3/election/resign", "v3electionpb.Election/Resign");

  /** What a path leads to. */
  sealed interface Route {
    /** A method that is served, with the empty form of its requests. */
    record Served(ServerMethodDefinition<?, ?> method, Message request) implements Route {}

    /** A method of etcd's that is not. */
    record Refused(String text) implements Route {}
  }

  private final Map<String, Route> routes = new HashMap<>();

  JsonRoutes(List<ServerServiceDefinition> services) {
    Map<String, ServerMethodDefinition<?, ?>> served = new HashMap<>();
    for (ServerServiceDefinition service : services) {
      for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
        served.put(method.getMethodDescriptor().getFullMethodName(), method);
      }
    }
    PATHS.forEach((path, name) -> {
      ServerMethodDefinition<?, ?> method = served.get(PACKAGE + name);
      routes.put(
          "/v3/" + path,
          method == null
              ? new Route.Refused(NotServed.text(PACKAGE + name))
              : new Route.Served(method, request(method.getMethodDescriptor())));
    });
    OTHERS.forEach((path, name) -> routes.put(path, new Route.Refused(NotServed.text(name))));
  }

  private static Message request(MethodDescriptor<?, ?> method) {
    if (method.getRequestMarshaller() instanceof MethodDescriptor.PrototypeMarshaller<?> marshaller
        && marshaller.getMessagePrototype() instanceof Message prototype) {
      return prototype;
    }
    throw new IllegalStateException(method.getFullMethodName() + " takes no message");
  }

  Optional<Route> find(String path) {
    return Optional.ofNullable(routes.get(path));
  }
}
