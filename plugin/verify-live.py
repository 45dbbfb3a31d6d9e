#!/usr/bin/env python3
"""Show that the packed plugin works on a live Jenkins, across its restart or crash.

    verify-live.py begin URL USER TOKEN     switches the simulated cloud on, and starts a build that waits
    (restart Jenkins, or kill it)
    verify-live.py resume URL USER TOKEN    the configuration is still there, and the build goes on to its end

USER must be an administrator. It creates the jobs failback-live-wait and failback-live-cancel.
"""
import base64
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from xml.sax.saxutils import escape

verb, url, user, token = sys.argv[1:]
url = url.rstrip("/")
WAIT, CANCEL = "failback-live-wait", "failback-live-cancel"
PAIR = "def west = '%s', east = '%s'\n"


def request(path, data=None, content_type="application/x-www-form-urlencoded"):
    authorization = base64.b64encode(("%s:%s" % (user, token)).encode()).decode()
    headers = {"Authorization": "Basic " + authorization, "Content-Type": content_type}
    with urllib.request.urlopen(urllib.request.Request(url + path, data, headers)) as answer:
        return answer.read().decode()


def script(groovy):
    return request("/scriptText", urllib.parse.urlencode({"script": groovy}).encode()).strip()


def create(name, pipeline):
    xml = (
        "<flow-definition plugin='workflow-job'><definition class='org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition'"
        " plugin='workflow-cps'><script>%s</script><sandbox>true</sandbox></definition></flow-definition>"
    )
    request("/createItem?name=" + name, (xml % escape(pipeline)).encode(), "text/xml")
    request("/job/%s/build" % name, b"")


def log(name):
    try:
        return request("/job/%s/1/consoleText" % name)
    except urllib.error.HTTPError as e:
        if e.code == 404:
            return ""
        raise


def await_log(name, *words):
    for _ in range(120):
        text = log(name)
        if all(word in text for word in words):
            return
        if "Finished: " in text:
            break
        time.sleep(1)
    sys.exit("the log of %s does not say %s:\n%s" % (name, words, text))


def configuration():
    return script(
        "def c = hudson.ExtensionList.lookup(jenkins.model.GlobalConfiguration)"
        ".find { it.class.simpleName == 'CloudConfiguration' };"
        "println c.clouds.collect { it.name + ' ' + it.apiUrl }.toString() + ' ' + c.simulated + ' ' + c.simulatedTimeScale"
    )


EXPECTED = "[example https://cockroachlabs.cloud] true 600"
ids = script(
    "def l = jenkins.model.Jenkins.get().pluginManager.uberClassLoader;"
    "def c = l.loadClass('io.jenkins.plugins.cockroachdb.jenkins.SimulatedPair');"
    "println c.ACTIVE_ID + ' ' + c.ORIGINAL_PRIMARY_ID"
).split()
if verb == "begin":
    script(
        "def l = jenkins.model.Jenkins.get().pluginManager.uberClassLoader;"
        "def c = hudson.ExtensionList.lookupSingleton(l.loadClass('io.jenkins.plugins.cockroachdb.jenkins.CloudConfiguration'));"
        "def k = l.loadClass('io.jenkins.plugins.cockroachdb.jenkins.ConfiguredCloud');"
        "c.clouds = [k.getConstructor(String, String).newInstance('example', '')];"
        "c.simulatedTimeScale = 600; c.simulated = true"
    )
    create(
        WAIT,
        PAIR % tuple(ids)
        + "def s = cockroachFailbackCreateStream cloud: 'simulated', activeClusterId: west, originalPrimaryClusterId: east,"
        " confirmErase: 'orders-east'\n"
        "s = awaitStreamStatus cloud: 'simulated', streamId: s.id, status: 'CANCELED'\n"
        'echo "it ended ${s.status} simulated ${s.simulated}"',
    )
    await_log(WAIT, "[simulated] Stream", "is REPLICATING")
    print("a build waits; restart Jenkins now, or kill it")
else:
    found = configuration()
    if found != EXPECTED:
        sys.exit("the configuration is %s, not %s" % (found, EXPECTED))
    await_log(WAIT, "It goes on from WAITING")
    create(
        CANCEL,
        PAIR % tuple(ids)
        + "def s = cockroachStreamStatus cloud: 'simulated', activeClusterId: west, originalPrimaryClusterId: east\n"
        "cockroachCancelStream cloud: 'simulated', streamId: s.id",
    )
    await_log(CANCEL, "Finished: SUCCESS")
    await_log(WAIT, "it ended CANCELED simulated true", "Finished: SUCCESS")
    print("the configuration was kept, and the build went on and ended well")
