import groovy.transform.Field

// A drill: two failbacks, there and back, each protected again. The parameters are in cockroachFailbackDrill.txt.

/** What concerns the drill alone; everything else is handed to cockroachFailback. */
@Field final List<String> OWN = ['simulated', 'proxies', 'proxiesBack', 'rtoSeconds', 'rpoSeconds']

/** The clusters of the plugin's simulated cloud, which are the same in every Jenkins. */
@Field final String SIMULATED_ACTIVE = 'ca92e9a4-13e8-37dd-b11e-c2d19efd14c9'
@Field final String SIMULATED_ORIGINAL_PRIMARY = '273b63e0-1103-3848-9b1f-284b69125f9f'

Map call(Map given) {
    def simulated = given.simulated == null ? given.cloud == 'simulated' : given.simulated
    if (!simulated && given.proxies && !given.proxiesBack) {
        error 'cockroachFailbackDrill needs proxiesBack: for the way back, the same proxies with primary and standby exchanged. Nothing was done.'
    }
    def common = given.findAll { !OWN.contains(it.key) } + [reProtect: true] + (simulated ? [cloud: 'simulated', preApproved: true] : [:])
    def a = given.activeClusterId ?: (simulated ? SIMULATED_ACTIVE : null)
    def p = given.originalPrimaryClusterId ?: (simulated ? SIMULATED_ORIGINAL_PRIMARY : null)
    def there = way('there', common, a, p, simulated ? simulatedProxy(a, p) : given.proxies)
    def back = there.outcome == 'completed' ? way('back', common, p, a, simulated ? simulatedProxy(p, a) : given.proxiesBack) :
        [outcome: 'not begun', message: 'The way there did not end protected, and the way back would need that.']
    def missed = missedTargets('there', there, given) + missedTargets('back', back, given)
    echo "There: ${words(there)}\nBack: ${words(back)}"
    if (missed) {
        unstable "The drill missed its targets: ${missed.join('; ')}."
    }
    return [there: there, back: back, missed: missed]
}

private Map way(String name, Map common, String active, String originalPrimary, proxies) {
    return stage(name) {
        cockroachFailback(common + [activeClusterId: active, originalPrimaryClusterId: originalPrimary, proxies: proxies])
    }
}

/** The one that the plugin's simulated cloud has, with an application that writes through it. */
private List simulatedProxy(String active, String originalPrimary) {
    return ["simulated:application?primary=$originalPrimary&standby=$active".toString()]
}

private String words(Map end) {
    return "${end.outcome}. ${end.message} ${(end.measures ?: [:]).collect { "${it.key}: ${it.value}" }.join(', ')}".trim()
}

/** What was not measured missed its target as well. */
private List missedTargets(String way, Map end, Map given) {
    def measured = [rtoSeconds: rto(end.measures ?: [:]), rpoSeconds: end.measures?.rpoSeconds]
    def missed = measured.keySet().findAll { given[it] != null }
        .findAll { measured[it] == null || measured[it] > given[it] }
        .collect { "$way, $it is ${measured[it] == null ? 'unknown' : measured[it]} and may be ${given[it]}".toString() }
    def lost = end.measures?.lostWrites
    return missed + (lost ? ["$way, $lost of ${end.measures.acknowledgedWrites} acknowledged writes are missing".toString()] : [])
}

/** Where the application itself was watched, what it noticed counts. */
private Object rto(Map measures) {
    return measures.longestPauseSeconds == null ? measures.rtoSeconds : measures.longestPauseSeconds
}
