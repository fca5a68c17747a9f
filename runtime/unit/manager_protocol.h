/*
 * How mydocker speaks to mydocker-systemd, the program that knows D-Bus (runtime/systemd). It is
 * started with one end of a SEQPACKET socket as its standard input, answers each request by one
 * packet, and ends when the other end is closed. A packet is a list of words, each with a NUL
 * behind it.
 *
 *   hello system|user        connects to that manager; ok VERSION CGROUP: its own, "" at the root
 *   start UNIT PROPERTY...   makes the scope, with the program itself in it: it holds the place
 *                            until the socket closes
 *   set UNIT PROPERTY...     and waits until they are in the cgroup's files
 *   stop UNIT                also when there is none; a failed one is reset
 *   attach UNIT PID          moves the process into the unit's cgroup
 *
 * All but the first are answered by ok alone.
 *
 * PROPERTY is NAME SIGNATURE VALUE..., the value in words as busctl(1) takes it: an array is its
 * length and then its elements, a structure its members. A property that the manager is too old for
 * is left out: the cgroup's file has the value, too. What fails is answered by
 *
 *   failed NAME TEXT         NAME: of the D-Bus error, or one of those below
 */
#pragma once

#define MANAGER_PROGRAM "mydocker-systemd"
#define MANAGER_PACKET 65536     /* bytes of the largest packet */
#define MANAGER_PATIENCE 30      /* seconds that a job of the manager may take */
#define MANAGER_CALL_PATIENCE 10 /* seconds for the answer to a call */

#define MANAGER_ERROR_TIMEOUT "mydocker.Timeout"
#define MANAGER_ERROR_JOB "mydocker.Job" /* the job ended otherwise than done */
#define MANAGER_ERROR_REQUEST "mydocker.Request"
#define MANAGER_ERROR_ABSENT "mydocker.Absent" /* no manager answers; TEXT tells what was tried */
