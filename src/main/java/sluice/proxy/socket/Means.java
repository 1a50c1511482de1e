package sluice.proxy.socket;

import java.time.Duration;
import java.util.Map;
import sluice.account.LiveAccount;
import sluice.isolation.Bulkhead;
import sluice.isolation.Turnstile;
import sluice.metrics.GatewayMeters;
import sluice.metrics.Recorder;
import sluice.proxy.Purse;
import sluice.proxy.body.BodyWork;
import sluice.proxy.owned.Ownership;
import sluice.quota.AnswerLengths;
import sluice.schedule.Scheduler;
import sluice.time.Time;

/**
 * What conversations work with, shared by all event loops.
 *
 * @param settings   the bounds of WebSockets
 * @param writeIdle  how long a caller may take nothing of what is sent to it
 * @param connect    how long the upstream may take to open a WebSocket
 * @param capacities the accounts by name
 * @param bodies     the memory that messages share with request bodies
 * @param recorder   of answers
 * @param lengths    of answers, as learned
 * @param purse      of tenants with budgets
 * @param work       reads large messages
 * @param turnstile  bounds what is written in one turn of the event loop
 * @param ownership  which stored objects a call may touch
 */
public record Means(Converse.Settings settings, Duration writeIdle, Duration connect, Scheduler scheduler,
        Map<String, LiveAccount> capacities, Bulkhead bodies, GatewayMeters meters, Recorder recorder,
        AnswerLengths lengths, Purse purse, BodyWork work, Turnstile turnstile, Ownership ownership, Time time) {}
