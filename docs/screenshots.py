#!/usr/bin/env python3
"""Make the screenshots in docs/images, from the demonstration that `mvn -Pjenkins -pl plugin hpi:run` brings.

    docs/screenshots.py URL    such as http://localhost:8080/jenkins

It builds the jobs failback and drill of that demonstration, answers the questions, and takes pictures with chromium, which has to be
installed. Nothing else in that Jenkins is touched.
"""
import http.cookiejar
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

url = sys.argv[1].rstrip("/")
images = os.path.join(os.path.dirname(os.path.abspath(__file__)), "images")
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
WEST, EAST = "ca92e9a4-13e8-37dd-b11e-c2d19efd14c9", "273b63e0-1103-3848-9b1f-284b69125f9f"
PROXY = "simulated:application?primary=%s&standby=%s" % (EAST, WEST)


def get(path):
    with browser.open(url + path) as answer:
        return answer.read().decode()


def post(path, **fields):
    crumb = json.loads(get("/crumbIssuer/api/json"))
    fields[crumb["crumbRequestField"]] = crumb["crumb"]
    with browser.open(url + path, urllib.parse.urlencode(fields).encode()) as answer:
        return answer.read().decode()


def script(groovy):
    return post("/scriptText", script=groovy).strip()


def next_number(job):
    return json.loads(get("/job/%s/api/json?tree=nextBuildNumber" % job))["nextBuildNumber"]


def await_that(what, condition):
    for _ in range(300):
        if condition():
            return
        time.sleep(1)
    sys.exit("waited in vain for: " + what)


def ended(job, number):
    path = "/job/%s/%d/api/json?tree=result" % (job, number)
    try:
        return json.loads(get(path))["result"] is not None
    except urllib.error.HTTPError:
        return False


def build(job, **parameters):
    number = next_number(job)
    post("/job/%s/%s" % (job, "buildWithParameters" if parameters else "build"), **parameters)
    return number


QUESTIONS = (
    "def build = jenkins.model.Jenkins.get().getItem('failback').getBuildByNumber(%d)\n"
    "def open = build?.getAction(org.jenkinsci.plugins.workflow.support.steps.input.InputAction)?.executions?.findAll { !it.settled }\n"
)


def is_asked(number):
    return script(QUESTIONS % number + "print(open ? 'yes' : 'no')") == "yes"


def approve(number, name):
    script(QUESTIONS % number + "open[0].proceed([clusterName: '%s', approver: 'lead'])" % name)


def shoot(name, path, height=1000):
    os.makedirs(images, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--user-data-dir=" + profile,
                "--virtual-time-budget=5000", "--window-size=1280,%d" % height,
                "--screenshot=" + os.path.join(images, name + ".png"), url + path,
            ],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
    print(name)


if next_number("failback") == 1:
    first = build("failback")
    await_that("the build that makes the form", lambda: ended("failback", first))
shoot("parameters", "/job/failback/build?delay=0sec", 1400)
number = build(
    "failback", cloud="simulated", activeClusterId=WEST, originalPrimaryClusterId=EAST, proxies=PROXY, approvers=""
)
await_that("the first question", lambda: is_asked(number))
shoot("gate-erase", "/job/failback/%d/input/" % number)
approve(number, "orders-east")
await_that("that the answer is taken", lambda: not is_asked(number))
await_that("the second question", lambda: is_asked(number))
shoot("gate-cut-over", "/job/failback/%d/input/" % number)
approve(number, "orders-east")
await_that("the end of the failback", lambda: ended("failback", number))
shoot("build", "/job/failback/%d/" % number)
shoot("report", "/job/failback/%d/cockroachdb-failback/" % number, 1600)
shoot("job", "/job/failback/")
