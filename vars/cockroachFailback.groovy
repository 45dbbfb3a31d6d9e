import groovy.transform.Field
import io.jenkins.plugins.cockroachdb.jenkins.StepFailureCause
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException
import org.jenkinsci.plugins.workflow.steps.TimeoutStepExecution

// Brings an application home. What is to be done is decided by cockroachFailbackNext alone: this asks it, does it, and hands back
// what came of it. The parameters are in cockroachFailback.txt.

/** What cockroachFailbackNext takes. */
@Field final List<String> SETTINGS = [
    'activeClusterId', 'originalPrimaryClusterId', 'cloud', 'credentialsId', 'maxLagSeconds', 'startTimeoutMinutes',
    'catchUpTimeoutMinutes', 'gateTimeoutMinutes', 'drainSeconds', 'proxyTimeoutSeconds', 'fenceTimeoutSeconds',
    'cutoverTimeoutMinutes', 'maxSkewSeconds', 'noWait', 'allowUnprovenRoles', 'reProtect', 'failoverAt']

/** What it has nothing to do with. */
@Field final List<String> PEOPLE_AND_NODES = [
    'proxies', 'agent', 'proxyCredentialsId', 'approvers', 'eraseApprovers', 'cutOverApprovers', 'approverIsNotStarter',
    'preApproved', 'dryRun', 'nameBuild']

/** How long to wait for a node only to look at the proxies. */
@Field final int NODE_TO_LOOK_MINUTES = 15

/** How long to wait for another node, and hold it, when one was lost while clients may be stopped. */
@Field final int NODE_AFTER_A_LOSS_MINUTES = 5

Map call(Map given) {
    def run = prepare(given)
    try {
        look(run)
        run.hold = !run.statuses.every { it.traffic == 'on A' || it.traffic == 'on P' }
        while (!isOver(run)) {
            if (run.hold) {
                goOnWithANodeHeld(run)
            } else {
                goOn(run)
            }
        }
    } finally {
        tellWhatHolds(run)
    }
    tellTheEnd(run.next)
    return run.next
}

/** What is known of a run. It is saved with the build, so it has plain values only. */
private Map prepare(Map given) {
    def names = SETTINGS + PEOPLE_AND_NODES
    def unknown = given.keySet().findAll { !names.contains(it) }
    def wanted = given.findAll { it.value != null && it.value != '' }
    def missing = ['activeClusterId', 'originalPrimaryClusterId'].findAll { !wanted[it] }
    if (unknown || missing) {
        error "cockroachFailback${unknown ? " has no parameter ${unknown.join(', ')};" : ''}${missing ? " needs ${missing.join(', ')};" : ''}" +
            " its parameters are ${names.join(', ')}. Nothing was done."
    }
    if (wanted.preApproved && wanted.cloud != 'simulated') {
        error 'cockroachFailback: only on the simulated cloud may gates be approved in advance. Nothing was done.'
    }
    def run = wanted.findAll { PEOPLE_AND_NODES.contains(it.key) }
    run.settings = wanted.findAll { SETTINGS.contains(it.key) }
    run.proxies = descriptions(wanted.proxies)
    run.agent = wanted.agent ?: ''
    run.starters = currentBuild.getBuildCauses('hudson.model.Cause$UserIdCause').collect { "${it.userId}".toLowerCase() }
    run.statuses = []    // of the proxies, as they were seen last
    run.seen = false     // whether nothing was done since
    run.next = null      // what is to be done
    run.done = true      // whether that was done
    run.last = null      // what came of it, until Next knows
    run.approved = false // whether clients are about to be stopped
    run.hold = false     // whether a node has to be held
    run.held = false     // whether one is
    run.lost = false     // whether it reaches no proxy any more
    run.fresh = false    // whether it has not looked at them yet
    run.stage = null     // the name of the newest stage
    run.told = null      // the newest message
    run.notSent = false  // whether a cutover was certainly not asked for
    return run
}

/** Proxies come as a list, or as a text with one on each line. */
private List descriptions(proxies) {
    def lines = proxies instanceof List ? proxies : (proxies ?: '').split('\n').toList()
    return lines.collect { "$it".trim() }.findAll { it && !it.startsWith('#') }
}

// ---- What to do

/** Hands over what came of the action before, and where traffic is now. */
private void askNext(Map run) {
    look(run)
    if (run.lost) {
        return // another node is to look first
    }
    try {
        run.next = next(run)
    } catch (FlowInterruptedException e) {
        if (run.next == null || isOutcome(e)) {
            throw e
        }
        run.last = [turn: run.next.turn, error: e] // who interrupts it is heard as well
        run.next = next(run)
    }
    run.done = false
    if (run.nameBuild && run.next.pair) {
        currentBuild.displayName = "#${currentBuild.number} ${run.next.pair}${run.dryRun ? ', dry run' : ''}"
        run.nameBuild = false
    }
    run.approved = run.approved && run.next.action in ['examine', 'look'] // everything is looked at again on an approval
    run.hold = run.proxies && (run.next.fenced || run.approved)
}

private boolean isOver(Map run) {
    return run.next?.action == 'finish'
}

private Map next(Map run) {
    def more = (run.proxies ? [proxies: run.statuses, proxiesSeenAt: run.seenAt] : [:]) +
        (run.next ? [last: run.last ?: [turn: run.next.turn]] : [:]) + (run.dryRun ? [dryRun: true] : [:])
    run.last = null
    run.seen = false
    return cockroachFailbackNext(run.settings + more)
}

/** Looks at the proxies, unless the action before has just done so. */
private void look(Map run) {
    if (!run.proxies || run.seen) {
        return
    }
    def isFirstHere = run.held && run.fresh
    try {
        redirect(run, 'status', [:])
    } catch (Exception e) {
        def isInterruption = e instanceof FlowInterruptedException
        if (!run.statuses || (isInterruption && (isOutcome(e) || (run.held && isTimeout(e))))) {
            throw e
        }
        nobodyLooked(run)
        if (!isInterruption) {
            echo "Nobody could look at the proxies: $e"
            run.lost = run.held
        } else if (!isTimeout(e)) {
            run.last = [turn: run.next.turn, error: e]
        }
    }
    run.lost = run.lost && !isFirstHere // what the first look from a node does not reach, another node may not reach either
}

private void nobodyLooked(Map run) {
    run.statuses = run.statuses.collect {
        [name: it.name, traffic: 'unknown', sessionsActive: 0, sessionsOriginal: 0, detail: 'There was no node to look from.']
    }
    run.seenAt = new Date().format("yyyy-MM-dd'T'HH:mm:ss'Z'", TimeZone.getTimeZone('UTC'))
    run.seen = true
}

// ---- Where it is done

/** Does what is next for as long as it belongs to the same stage. A closer look belongs to whatever it is for. */
private void goOn(Map run) {
    if (run.done) {
        askNext(run)
    } else if (run.next.stage == run.stage || (run.stage && run.next.action == 'examine')) {
        performAndAsk(run)
    } else {
        run.stage = run.next.stage
        stage(run.stage) {
            while (!run.done && !isOver(run) && (run.next.stage == run.stage || run.next.action == 'examine') && isInItsPlace(run)) {
                performAndAsk(run)
            }
        }
    }
}

private void performAndAsk(Map run) {
    perform(run)
    if (isInItsPlace(run)) {
        askNext(run)
    }
}

private boolean isInItsPlace(Map run) {
    return run.held == run.hold && !run.lost
}

/**
 * Holds one node for as long as clients may be stopped. It is left when it reaches no proxy any more, and when it was waited for or
 * held too long. Clients stay as they are meanwhile: nothing but an action moves them.
 */
private void goOnWithANodeHeld(Map run) {
    if (run.lost) {
        echo "Node ${run.agent} reaches no proxy any more. Another one is waited for, and clients may be stopped meanwhile.\n${commands(run)}"
    }
    def minutes = run.lost ? NODE_AFTER_A_LOSS_MINUTES : run.next ? run.next.holdMinutes : NODE_TO_LOOK_MINUTES
    try {
        timeout(time: minutes, unit: 'MINUTES') {
            node(run.agent) {
                run.held = true
                run.fresh = true
                run.lost = false
                run.seen = false
                if (!run.done && run.next.action == 'initiate') { // decided by what was seen before there was a node
                    run.last = [turn: run.next.turn, result: [notSent: true]]
                    run.done = true
                }
                while (!isOver(run) && isInItsPlace(run)) {
                    goOn(run)
                }
            }
        }
    } catch (FlowInterruptedException e) {
        if (run.next == null || isOutcome(e)) {
            throw e
        }
        if (!run.last || !isTimeout(e)) {
            run.last = [turn: run.next.turn, error: e]
            if (!run.done && run.next.action == 'initiate') { // it had not begun
                run.last.result = [notSent: true]
            }
        }
        if (!run.held) {
            nobodyLooked(run)
        }
        run.held = false
        run.lost = false
        askNext(run)
    } finally {
        run.held = false
    }
}

// ---- Doing it

/** Whatever goes wrong, an abort of the build too, is handed to Next, which knows whether clients have to be put back first. */
private void perform(Map run) {
    def turn = run.next.turn
    if (run.next.message != run.told) {
        run.told = run.next.message
        echo run.told
    }
    run.done = true
    run.notSent = false
    try {
        run.last = [turn: turn, result: act(run)]
    } catch (Exception e) {
        run.last = [turn: turn, error: e] + (run.notSent ? [result: [notSent: true]] : [:])
        if (run.held && isTimeout(e)) {
            throw e // the time of the node is over
        }
    }
}

private Object act(Map run) {
    def parameters = run.next.parameters ?: [:]
    switch (run.next.action) {
        case 'examine':
            return redirect(run, 'status', parameters)
        case 'ask':
            return ask(run)
        case 'createStream':
            return cockroachFailbackCreateStream(run.settings.subMap(['cloud', 'credentialsId']) + parameters)
        case 'await':
            return awaitStreamStatus(run.settings.subMap(['cloud', 'credentialsId']) + parameters)
        case 'fence':
        case 'unfence':
        case 'release':
            return redirect(run, run.next.action, parameters)
        case 'initiate':
            return initiate(run, parameters)
        case 'createForwardStream':
            return cockroachCreateStream(run.settings.subMap(['cloud', 'credentialsId']) + parameters)
        case 'look':
            sleep run.next.seconds
            return null
        default:
            error "This library does not know the action ${run.next.action}: it is older than the plugin."
    }
}

/** Proves the fence right before the cutover is asked for, and lets it be proven again right after. */
private Map initiate(Map run, Map parameters) {
    def proof = [:]
    if (run.proxies) {
        run.notSent = true
        def seen = redirect(run, 'status', [:])
        if (!seen.proxies.every { it.traffic == 'fenced' }) {
            return [notSent: true]
        }
        proof = [fenceProvenAt: seen.at]
        run.notSent = false
        run.seen = false
    }
    return initiateFailback(run.settings.subMap(['cloud', 'credentialsId']) + parameters + proof)
}

private Map redirect(Map run, String action, Map parameters) {
    def all = run.settings.subMap(['cloud', 'credentialsId', 'drainSeconds', 'proxyTimeoutSeconds']) + parameters +
        [action: action, proxies: run.proxies, proxyCredentialsId: run.proxyCredentialsId]
    def result = run.held ? redirectProxy(all) : onANodeOfItsOwn(run, all)
    run.statuses = result.proxies
    run.seenAt = result.at
    run.seen = true
    run.lost = run.held && result.proxies.every { it.traffic == 'unknown' }
    run.fresh = false
    return result
}

private Map onANodeOfItsOwn(Map run, Map parameters) {
    return timeout(time: NODE_TO_LOOK_MINUTES, unit: 'MINUTES') {
        node(run.agent) {
            redirectProxy(parameters)
        }
    }
}

private boolean isTimeout(e) {
    return e instanceof FlowInterruptedException && e.causes.any { it instanceof TimeoutStepExecution.ExceededTimeout }
}

private boolean isOutcome(FlowInterruptedException e) {
    return e.causes.any { it instanceof StepFailureCause }
}

// ---- Gates

/** Asks until somebody types the name, or refuses. */
private Map ask(Map run) {
    def gate = run.next
    def by = run.preApproved ? 'nobody: on the simulated cloud everything is approved in advance' : null
    echo gate.evidence // the log keeps what was approved
    try {
        timeout(time: gate.timeoutMinutes, unit: 'MINUTES') {
            def objection = null
            while (!by) {
                def answer = input(
                    message: [objection, gate.question].findAll { it }.join(' '), // a heading on the page, in one line
                    ok: 'Approve',
                    submitter: (gate.erases ? run.eraseApprovers : run.cutOverApprovers) ?: run.approvers ?: '',
                    submitterParameter: 'approver',
                    parameters: [string(name: 'clusterName', description:
                        "To approve, type the name of the cluster that the question is about.\n\n$gate.evidence".toString())])
                objection = objectionTo(run, answer)
                if (objection) {
                    echo objection
                } else {
                    by = answer.approver
                }
            }
        }
    } catch (FlowInterruptedException e) {
        if (isTimeout(e)) {
            return [approved: false, timedOut: true]
        }
        throw e
    }
    run.approved = !gate.erases
    run.seenAt = '1970-01-01T00:00:00Z' // Next hears of it now, and decides nothing before everything is looked at again
    run.seen = true
    return [approved: true, by: by, timedOut: false]
}

private String objectionTo(Map run, Map answer) {
    if ("${answer.clusterName}".trim() != run.next.clusterName) {
        return "'${answer.clusterName}' is not the name of the cluster. Nothing was approved."
    }
    if (run.approverIsNotStarter && run.starters.contains("${answer.approver}".toLowerCase())) {
        return "${answer.approver} started this build, so somebody else has to approve. Nothing was approved."
    }
    return null
}

// ---- Telling

private void tellWhatHolds(Map run) {
    if (!run.statuses || run.dryRun) {
        return
    }
    echo "Traffic: ${run.statuses.collect { "${it.name} ${it.traffic}" }.join(', ')}. (A is the active cluster, P the original primary.)"
    if (!run.statuses.every { it.traffic == 'on A' || it.traffic == 'on P' }) {
        echo "Clients may be stopped. Build this job again to go on.\n${commands(run)}"
    }
}

private String commands(Map run) {
    def pair = "PRIMARY_CLUSTER_ID=${run.settings.originalPrimaryClusterId} STANDBY_CLUSTER_ID=${run.settings.activeClusterId}"
    def proxies = run.proxies.collect { "--proxy '$it'" }.join(' ')
    return "To look from a terminal: $pair bin/failback proxy status $proxies\nTo go on there: $pair bin/failback full $proxies"
}

private void tellTheEnd(Map end) {
    echo([[end.message], end.plan, end.afterwards].findAll { it }.flatten().join('\n'))
    if (end.outcome != 'completed') {
        unstable end.message
    } else if (end.plan?.any { it.startsWith('FAIL') }) {
        unstable 'A failback would be refused now.'
    }
}
