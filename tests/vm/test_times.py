"""How long people stand before the box, against what mounting and the bytes alone take. Printed, and held to
a limit that only something broken goes over: the processor is emulated."""

import box
import stick

LIMIT_S = 60


class Times(box.BoxTest):
    @classmethod
    def prepare(cls):
        cls.box.put((box.HERE / "inside_times.py").read_bytes(), "/root/inside_times.py")

    def to_done(self, path):
        self.box.sh("rm -f /run/watching")
        watch = self.box.start_python("/root/inside_times.py", "done")
        self.box.wait_until("test -e /run/watching")
        name = self.plug(path)
        ran = self.box.finish(watch, box.WAIT_S)
        self.assertEqual(ran.status, 0, ran.err)
        self.pull(name)
        self.wait_drives()
        return float(ran.out)

    def alone(self, path, new_bytes):
        self.box.sh("systemctl stop wcmp-mountd.socket wcmp-mountd.service")
        name = self.plug(path)
        self.box.wait_until("test -b /dev/sda1 && udevadm settle")
        seconds = float(self.box.sh(f"python3 -B /root/inside_times.py alone {new_bytes}"))
        self.pull(name)
        self.box.sh("systemctl start wcmp-mountd.service")
        return seconds

    def test_insertion_to_done(self):
        theirs = self.messages(100)
        files = self.bundle(theirs)
        path = stick.fat32(self.folder / "timed", files)
        new = self.to_done(path)
        unchanged = min(self.to_done(path) for _ in range(3))
        bytes_alone = self.alone(path, len(next(iter(files.values()))))
        mount_alone = self.alone(path, 0)
        print(f"\ntimes: unchanged stick {unchanged:.2f} s (mount and read alone {mount_alone:.2f} s), "
              f"100 new messages {new:.2f} s (mount and bytes alone {bytes_alone:.2f} s)", flush=True)
        self.assertLess(max(new, unchanged), LIMIT_S)


if __name__ == "__main__":
    box.main()
