"""wcmpd as a process: start, stop, kill, settings, the service manager."""

import os
import pathlib
import signal
import socket
import stat
import subprocess
import unittest

import bundles
import relay
from relay import EXIT_CONFIG, EXIT_UNAVAILABLE, EXIT_USAGE, RelayTest


class StartAndStop(RelayTest):
    def test_starts_serves_and_stops_with_zero(self):
        one = self.relay()
        one.start()
        self.assertEqual(one.json("/v1")["versions"], ["v1"])
        self.assertEqual(one.json("/v1/status")["messages"], 0)
        self.assertEqual(one.stop(), 0)
        self.assertFalse(one.socket.exists())

    def test_interrupt_stops_it_too(self):
        one = self.relay()
        one.start()
        one.process.send_signal(signal.SIGINT)
        self.assertEqual(one.wait(), 0)

    def test_the_store_is_for_its_owner_only(self):
        with self.relay(drives=[self.drive()]) as one:
            self.assertEqual(stat.S_IMODE(one.store.stat().st_mode), 0o700)
            self.assertEqual(stat.S_IMODE(one.socket.stat().st_mode) & 0o007, 0)
            one.wait_drive()  # nothing is written any more, so no file comes or goes
            for path in one.store.iterdir():
                self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)

    def test_no_core_and_no_id_in_the_log(self):
        message = bundles.make_messages(3, 1, relay.today())[0]
        one = self.relay()
        one.start()
        limits = pathlib.Path(f"/proc/{one.process.pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size\s+0\s+0")
        one.post_message(message)
        one.fold()
        one.stop()
        self.assertNotIn(bundles.message_id(message).hex()[:16], one.log())
        self.assertNotIn(str(self.folder), one.log())


class Durability(RelayTest):
    def test_nothing_acknowledged_is_lost_by_kill(self):
        messages = bundles.make_messages(1, 20, relay.today())
        one = self.relay()
        one.start()
        for message in messages[:10]:
            self.assertEqual(one.post_message(message).status, 201)
        one.fold()
        for message in messages[10:]:
            self.assertEqual(one.post_message(message).status, 201)
        one.kill()
        one.start()
        for message in messages:
            self.assertEqual(one.message(bundles.message_id(message)).body, message)
        self.assertEqual(one.json("/v1/status")["messages"], 20)

    def test_kill_in_the_middle_of_enqueueing(self):
        one = self.relay()
        for turn in range(3):
            one.start()
            acknowledged = []
            for message in bundles.make_messages(10 + turn, 15, relay.today()):
                if one.post_message(message).status == 201:
                    acknowledged.append(message)
            one.kill()
            one.start()
            for message in acknowledged:
                self.assertTrue(one.holds(bundles.message_id(message)))
            one.stop()


class OneOwner(RelayTest):
    def test_a_second_daemon_on_the_store_is_refused(self):
        with self.relay("first") as first:
            second = self.relay("second")
            second.store = first.store
            second.start(wait=False)
            self.assertEqual(second.wait(), EXIT_UNAVAILABLE)
            self.assertIn("another wcmpd owns this store", second.log())
            self.assertEqual(first.json("/v1/status")["messages"], 0)

    def test_a_second_daemon_on_the_socket_is_refused(self):
        with self.relay("first") as first:
            second = self.relay("second")
            second.socket = first.socket
            second.start(wait=False)
            self.assertEqual(second.wait(), EXIT_UNAVAILABLE)
            self.assertEqual(first.json("/v1/status")["messages"], 0)


class Settings(RelayTest):
    def run_wcmpd(self, *arguments, **environment):
        return subprocess.run(
            [relay.program("wcmpd"), *arguments],
            capture_output=True,
            text=True,
            timeout=relay.WAIT_S,
            env={**os.environ, **environment},
        )

    def test_check_config_says_file_line_and_key(self):
        config = self.folder / "wcmpd.toml"
        config.write_text('[rules]\nlifetime_days_max = 0\n')
        run = self.run_wcmpd("--check-config", "--config", str(config))
        self.assertEqual(run.returncode, EXIT_CONFIG)
        self.assertIn("wcmpd.toml:2:", run.stderr)
        self.assertIn("lifetime_days_max", run.stderr)

    def test_check_config_passes_good_settings(self):
        config = self.folder / "wcmpd.toml"
        config.write_text(f'[api]\nsocket = "{self.folder}/api.sock"\n')
        run = self.run_wcmpd("--check-config", "--config", str(config))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertFalse((self.folder / "api.sock").exists())

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody who may not read a folder")
    def test_settings_that_may_not_be_read_are_not_taken_for_missing(self):
        locked = self.folder / "config/wcmp"
        locked.mkdir(parents=True, mode=0o700)
        (locked / "wcmpd.toml").write_text("[nonsense]\n")
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        self.folder.chmod(0o711)
        environment = {**os.environ, "XDG_CONFIG_HOME": str(locked.parent), "XDG_RUNTIME_DIR": "/tmp"}
        command = [*nobody, relay.program("wcmpd"), "--check-config"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=relay.WAIT_S, env=environment)
        if "wcmpd" not in run.stderr + run.stdout and run.returncode == 127:
            self.skipTest("that user may not run the program where it is built")
        self.assertEqual(run.returncode, EXIT_CONFIG, run.stdout + run.stderr)
        self.assertIn("cannot be read: Permission denied", run.stderr)

    def test_the_store_on_the_command_line_is_no_drive(self):
        config = self.folder / "wcmpd.toml"
        text = f'[api]\nsocket = "{self.folder}/api.sock"\n[[drives.directory]]\n'
        config.write_text(text + f'path = "{self.folder}/drive"\n')
        for store in (self.folder / "drive/WCMP", self.folder / "drive", self.folder):
            run = self.run_wcmpd("--check-config", "--config", str(config), "--store", str(store))
            self.assertEqual(run.returncode, EXIT_CONFIG, store)
            self.assertIn("drives.directory.path: the store cannot be a drive", run.stderr)

    def test_a_missing_file_that_was_named_is_an_error(self):
        run = self.run_wcmpd("--check-config", "--config", str(self.folder / "none.toml"))
        self.assertEqual(run.returncode, EXIT_CONFIG)

    def test_a_wrong_command_line(self):
        self.assertEqual(self.run_wcmpd("--nonsense").returncode, EXIT_USAGE)

    def test_help_and_version(self):
        self.assertIn("--check-config", self.run_wcmpd("--help").stdout)
        self.assertRegex(self.run_wcmpd("--version").stdout, r"^wcmpd \d+\.\d+")

    def test_reload_good_and_bad(self):
        one = self.relay()
        one.start()
        self.assertEqual(one.json("/v1")["limits"]["message_bytes_max"], 1114112)
        one.settings = "[rules]\nmessage_bytes_max = 4096\n"
        one.reload()
        self.assertEqual(one.json("/v1")["limits"]["message_bytes_max"], 4096)
        one.settings = "[rules]\nmessage_bytes_max = true\n"
        one.reload()
        self.assertEqual(one.json("/v1")["limits"]["message_bytes_max"], 4096)
        self.assertIn("message_bytes_max", one.log())
        large = bundles.make_messages(5, 1, relay.today(), body_exp=13)[0]
        self.assertEqual(one.post_message(large).status, 413)

    def test_what_only_the_next_start_changes_is_named_and_left(self):
        drive = self.drive()
        one = self.relay(drives=[drive])
        one.start()
        one.wait_drive(states=["done"])
        message = bundles.make_messages(6, 1, relay.today())[0]
        one.settings = '[drives]\nfolder = "OTHER"\n[clock]\ntrust_rtc = true\n[log]\nlevel = "debug"\n'
        one.reload()
        self.assertIn("only from the next start on: drives.folder, clock.trust_rtc\n", one.log())
        self.assertEqual(one.json("/v1/status")["clock"]["trust"], "none")
        one.reload()
        self.assertEqual(one.log().count("drives.folder"), 2, "it still differs from the file")
        one.post_message(message)
        one.stop()
        (drive / "OTHER").mkdir()
        one.start()
        one.wait_drive(states=["done"])
        self.assertEqual(set(bundles.read_folder(drive / "OTHER")), {bundles.message_id(message)})


class OpenFiles(RelayTest):
    def test_a_low_limit_is_raised_for_many_bundles(self):
        drive = self.drive()
        messages = bundles.make_messages(7, 300, relay.today())
        for message in messages:
            name, data = bundles.make_bundle([message])
            (drive / "WCMP" / name).write_bytes(data)
        one = self.relay(drives=[drive])
        one.start(open_files=(128, None))
        limits = pathlib.Path(f"/proc/{one.process.pid}/limits").read_text()
        self.assertGreater(int(limits.split("Max open files")[1].split()[0]), 128)
        self.assertEqual(one.wait_drive(states=["done"])["result"]["imported"], 300)

    def test_a_limit_that_cannot_be_raised_is_a_warning(self):
        one = self.relay()
        one.start(open_files=(128, 200))
        self.assertIn("only 200 files may be open at once", one.log())


class ServiceManager(RelayTest):
    def test_watchdog_pings_come_from_the_main_loop(self):
        one = self.relay(environment={"WATCHDOG_USEC": "200000"})
        one.start()
        for _ in range(3):
            one.wait_notify("WATCHDOG", "1")

    def test_no_pings_for_another_process(self):
        one = self.relay(environment={"WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1"})
        one.start()
        fields = one.notify.next(0.5)
        self.assertNotIn("WATCHDOG", fields or {})

    def test_an_abstract_socket(self):
        one = self.relay()
        one.start(abstract=True)
        one.process.terminate()
        one.wait_notify("STOPPING", "1")
        self.assertEqual(one.wait(), 0)

    def test_status_holds_the_state_and_no_counts(self):
        one = self.relay()
        one.start(wait=False)
        status = one.wait_notify("READY", "1")["STATUS"]
        self.assertRegex(status, r"^(idle|busy|attention)(: [a-z_, ]+)?$")

    def test_a_socket_that_the_manager_made(self):
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(listening.close)
        one = self.relay()
        one.folder.mkdir(exist_ok=True)
        listening.bind(str(one.socket))
        listening.listen()
        one.write_config()
        # The manager sets LISTEN_PID between fork and exec; a shell can do the same.
        script = 'exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$0" --config "$1"'
        command = ["/bin/sh", "-c", script, relay.program("wcmpd"), str(one.config)]
        process = subprocess.Popen(command, stdin=listening.fileno())
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.assertEqual(one.json("/v1")["versions"], ["v1"])
        process.terminate()
        self.assertEqual(process.wait(relay.WAIT_S), 0)
        self.assertTrue(one.socket.exists(), "it is not ours to remove")


if __name__ == "__main__":
    relay.main()
