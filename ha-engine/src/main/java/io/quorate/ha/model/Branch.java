package io.quorate.ha.model;

/**
 * One stretch of history, written by one primary: what a timeline id alone does not identify.
 *
 * @param epoch whose primary wrote it
 * @param timeline its timeline id, reserved for this epoch alone
 * @param parent the timeline it forked off ({@code timeline} itself for the very first branch)
 * @param fork where: WAL before belongs to the parent (0/0 for the very first branch)
 */
public record Branch(Epoch epoch, TimelineId timeline, TimelineId parent, Lsn fork) {}
