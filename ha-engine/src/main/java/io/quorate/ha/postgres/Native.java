package io.quorate.ha.postgres;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The few system calls that Java lacks: process descriptors, which name a process without the
 * danger that its number is given to another. Linux from 5.3, on older ones there is no descriptor
 * to be had; needs {@code --enable-native-access}.
 */
final class Native {

  static final int SIGHUP = 1;
  static final int SIGINT = 2;
  static final int SIGQUIT = 3;
  static final int SIGKILL = 9;
  static final int SIGCONT = 18;

  // The same numbers on every architecture (include/uapi/asm-generic/unistd.h).
  private static final long PIDFD_SEND_SIGNAL = 424;
  private static final long PIDFD_OPEN = 434;
  private static final short POLLIN = 1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout POLLFD =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_INT.withName("fd"),
          ValueLayout.JAVA_SHORT.withName("events"),
          ValueLayout.JAVA_SHORT.withName("revents"));

  private static final MethodHandle SYSCALL =
      handle(
          "syscall",
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG),
          Linker.Option.firstVariadicArg(1));
  private static final MethodHandle POLL =
      handle(
          "poll",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));
  private static final MethodHandle CLOSE =
      handle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private static final MethodHandle KILL =
      handle(
          "kill",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private Native() {}

  @SuppressWarnings("restricted")
  private static MethodHandle handle(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
  }

  /** Makes the calls ready: a class is not found by a program that has no descriptor left. */
  static void prepare() {
    // Initializing the class is what is asked for.
  }

  /** A descriptor of the process, or −1 where there is none. */
  static int pidfdOpen(long pid) {
    return (int) syscall(PIDFD_OPEN, pid, 0, 0, 0);
  }

  /** Whether the signal was sent: the process is still there and is ours. */
  static boolean sendSignal(int pidfd, int signal) {
    return syscall(PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0) == 0;
  }

  /** The same by the process's number, for a program that has no descriptor left. */
  static boolean kill(long pid, int signal) {
    try {
      return (int) KILL.invokeExact((int) pid, signal) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("kill cannot be called", e);
    }
  }

  /** Waits until the process has ended, at most so long; tells whether it has. Blocks a thread. */
  static boolean awaitExit(int pidfd, int milliseconds) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment poll = arena.allocate(POLLFD);
      poll.set(ValueLayout.JAVA_INT, 0, pidfd);
      poll.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
      int ready = (int) POLL.invokeExact(poll, 1L, milliseconds);
      return ready > 0;
    } catch (Throwable e) {
      throw new IllegalStateException("poll cannot be called", e);
    }
  }

  static void close(int fd) {
    try {
      int _ = (int) CLOSE.invokeExact(fd);
    } catch (Throwable e) {
      throw new IllegalStateException("close cannot be called", e);
    }
  }

  private static long syscall(long number, long a, long b, long c, long d) {
    try {
      return (long) SYSCALL.invokeExact(number, a, b, c, d);
    } catch (Throwable e) {
      throw new IllegalStateException("system call " + number + " cannot be made", e);
    }
  }
}
