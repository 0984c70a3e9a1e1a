"""The units as installed, on a system that was started and that nobody logged in to."""

import json

import box


class Service(box.BoxTest):
    def status(self):
        return json.loads(self.inside("get", "/v1/status"))

    def property(self, unit, name):
        return self.box.sh(f"systemctl show -P {name} {unit}").strip()

    def process(self, unit):
        """The fields of /proc/PID/status of the unit's main process."""
        text = self.box.sh(f"cat /proc/{self.property(unit, 'MainPID')}/status")
        return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)

    def test_both_run_after_the_start_of_the_system(self):
        for unit in ("wcmpd.service", "wcmp-mountd.service"):
            self.box.wait_until(f"systemctl is-active --quiet {unit}")
        self.assertEqual(self.box.restarts_at_the_start, ["0", "0"], self.journal("wcmp*"))
        self.assertEqual(self.status()["service"], "system")
        self.assertEqual(self.box.sh("systemctl --failed --plain --no-legend"), "")

    def test_a_stick_that_was_in_at_the_start_was_synced(self):
        drive, = self.box.drives_at_the_start
        self.assertEqual(drive["state"], "done")
        self.assertLessEqual(set(self.box.first), self.held())

    def test_the_kernel_can_blink_by_itself(self):
        """wcmp-mountd may not load modules: the rule for udev has done it."""
        triggers = self.box.sh(f"cat {box.LIGHT}/trigger")
        for name in ("timer", "pattern", "oneshot"):
            self.assertIn(name, triggers.translate(str.maketrans("[]", "  ")).split())

    def test_the_light_is_given_back(self):
        stop = "systemctl stop wcmp-mountd.socket wcmp-mountd.service"
        start = "systemctl start wcmp-mountd.service"
        self.addCleanup(self.box.sh, start)
        self.box.sh(f"{stop} && echo kbd-scrolllock >{box.LIGHT}/trigger && {start}")
        self.assertNotIn("[kbd-scrolllock]", self.box.sh(f"cat {box.LIGHT}/trigger"))
        self.box.sh(stop)
        self.assertIn("[kbd-scrolllock]", self.box.sh(f"cat {box.LIGHT}/trigger"))

    def test_the_sockets_are_for_those_they_are_made_for(self):
        said = self.box.sh("stat -c '%a %U %G' /run/wcmp/api.sock /run/wcmp-mountd/handover.sock")
        self.assertEqual(said.split("\n")[0], "660 root wcmp")
        self.assertEqual(said.split("\n")[1].split()[:2], ["600", "wcmp"])
        as_nobody = "systemd-run -q --wait --pipe -p User=nobody"
        self.assertEqual(self.box.try_sh(f"{as_nobody} -p SupplementaryGroups=wcmp wcmp status").status, 0)
        refused = self.box.try_sh(f"{as_nobody} wcmp status")
        self.assertNotEqual(refused.status, 0)

    def test_neither_can_do_more_than_it_needs(self):
        relay, mounter = self.process("wcmpd.service"), self.process("wcmp-mountd.service")
        sys_admin = f"{1 << 21:016x}"
        for process, allowed in ((relay, "0" * 16), (mounter, sys_admin)):
            for name in ("CapEff", "CapPrm", "CapBnd"):
                self.assertEqual(process[name], allowed, name)
            self.assertEqual((process["NoNewPrivs"], process["Seccomp"]), ("1", "2"))
        self.assertNotIn("0", relay["Uid"].split())
        network = self.box.sh(f"nsenter -t {self.property('wcmpd.service', 'MainPID')} -n cat /proc/net/dev")
        self.assertEqual([line.split(":")[0].strip() for line in network.splitlines()[2:]], ["lo"])
        state = self.box.sh("stat -c '%a %U' /var/lib/wcmp /var/lib/wcmp/store").split()
        self.assertEqual(state, ["700", "wcmp", "700", "wcmp"])

    def test_the_state_of_the_clock_is_seen(self):
        self.inside("clock", "alone")
        self.box.sh("systemctl restart wcmpd.service")
        self.assertEqual(self.status()["clock"]["trust"], "none")
        self.inside("clock", "synchronised")
        self.box.sh("systemctl restart wcmpd.service")
        self.assertEqual(self.status()["clock"]["trust"], "synced")

    def test_a_killed_relay_is_back_with_all_that_it_acknowledged(self):
        messages = self.messages(5)
        self.post(messages)
        for _ in range(3):
            before = self.property("wcmpd.service", "MainPID")
            self.box.sh("systemctl kill -s KILL wcmpd.service")
            self.box.wait_until(f"[ $(systemctl show -P MainPID wcmpd.service) != {before} ] && "
                                "systemctl is-active --quiet wcmpd.service")
            self.assertLessEqual(set(messages), self.held())

    def test_the_log_says_nothing_of_messages(self):
        messages = self.messages(3)
        self.post(messages)
        said = self.journal("wcmpd.service") + self.journal("wcmp-mountd.service")
        for name in messages:
            self.assertNotIn(name.hex()[:16], said)


if __name__ == "__main__":
    box.main()
