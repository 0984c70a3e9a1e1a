#include "usb_port.h"

#include <fstream>

namespace wcmp::drives {
namespace {

constexpr auto root = "1 0 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n";

std::string readiness_word(Readiness readiness) {
    return readiness == Readiness::ready ? "ready" : std::string(to_string(readiness));
}

std::string key_text(const DeviceKey& key) {
    return std::to_string(key.major) + ':' + std::to_string(key.minor) + '#' + std::to_string(key.generation);
}

}  // namespace

Properties vfat(const std::string& id) {
    return {{"ID_FS_USAGE", "filesystem"}, {"ID_FS_TYPE", "vfat"}, {"ID_FS_UUID", id}};
}

UsbPort::UsbPort() : testbed(umockdev_testbed_new()) {
    std::filesystem::create_directories(tree.path() / "proc/self");
    std::filesystem::create_directories(tree.path() / "etc");
    write_mounts("");
    write_fstab("");
    std::ofstream(tree.path() / "proc/swaps") << "Filename Type Size Used Priority\n";
    // The disk of this system is one inside.
    add("/sys/devices/pci0000:00/nvme/nvme0/nvme0n1", "nvme0n1", {{"DEVTYPE", "disk"}}, 1, "1000");
    add("/sys/devices/pci0000:00/nvme/nvme0/nvme0n1/nvme0n1p1", "nvme0n1p1", {{"DEVTYPE", "partition"}}, 1,
        "1000");
}

UsbPort::~UsbPort() {
    watch.reset();
    g_object_unref(testbed);
}

std::filesystem::path UsbPort::top() const {
    auto* const text = umockdev_testbed_get_root_dir(testbed);
    const std::filesystem::path path(text);
    g_free(text);
    return path;
}

std::string UsbPort::path_of(const std::string& name) const {
    return paths_.at(name);
}

void UsbPort::add(const std::string& path, const std::string& name, Properties properties, unsigned sequence,
                  const std::string& size) {
    const bool inside = name.starts_with("nvme");
    const unsigned disk = inside ? 0 : static_cast<unsigned>(name[2] - 'a') * 16;
    const bool divided = inside ? name.ends_with("p1") : name.size() > 3;
    const unsigned part = divided ? static_cast<unsigned>(name.back() - '0') : 0;
    const auto minor = std::to_string(disk + part);
    const std::string major = inside ? "259" : "8";
    properties.insert({{"MAJOR", major},
                       {"MINOR", minor},
                       {"DEVNAME", "/dev/" + name},
                       {"SUBSYSTEM", "block"},
                       {"DISKSEQ", std::to_string(sequence)},
                       {"USEC_INITIALIZED", std::to_string(++initialized_us_)}});
    std::string text = "P: " + path.substr(4) + "\nN: " + name + "\n";
    for (const auto& [key, value] : properties) text += "E: " + key + "=" + value + "\n";
    text += "A: dev=" + major + ":" + minor + "\\n\nA: size=" + size + "\\n\n";
    if (divided) text += "A: partition=" + std::to_string(part) + "\\n\n";
    GError* failed = nullptr;
    umockdev_testbed_add_from_string(testbed, (text + "\n").c_str(), &failed);
    if (failed != nullptr) ADD_FAILURE() << failed->message;
    paths_[name] = path;
    numbers_[name] = major + ":" + minor;
    // Some versions leave this link out.
    const auto link = top() / "sys/dev/block" / numbers_[name];
    std::filesystem::create_directories(link.parent_path());
    if (!std::filesystem::is_symlink(link))
        std::filesystem::create_directory_symlink("../.." + path.substr(4), link);
}

void UsbPort::insert(const Stick& stick) {
    const auto port = "/sys/devices/pci0000:00/usb1/1-" + std::to_string(stick.port);
    if (!std::filesystem::exists(port)) {
        const auto text = "P: " + port.substr(4) + "\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n\n";
        umockdev_testbed_add_from_string(testbed, text.c_str(), nullptr);
    }
    const auto path = port + "/host1/block/" + stick.name;
    auto properties = stick.disk;
    properties["DEVTYPE"] = "disk";
    add(path, stick.name, properties, stick.sequence, stick.size);
    for (std::size_t i = 0; i < stick.partitions.size(); ++i) {
        const auto name = stick.name + std::to_string(i + 1);
        auto of_partition = stick.partitions[i];
        of_partition["DEVTYPE"] = "partition";
        of_partition["PARTN"] = std::to_string(i + 1);
        add(path + "/" + name, name, of_partition, stick.sequence, stick.size);
    }
}

void UsbPort::announce(const Stick& stick, const char* action) {
    event(stick.name, action);
    for (std::size_t i = 0; i < stick.partitions.size(); ++i)
        event(stick.name + std::to_string(i + 1), action);
}

void UsbPort::remove(const std::string& name) {
    event(name, "remove");
    vanish(name);
}

void UsbPort::vanish(const std::string& name) {
    umockdev_testbed_remove_device(testbed, path_of(name).c_str());
    std::filesystem::remove(top() / "sys/block" / name);
    std::filesystem::remove(top() / "sys/dev/block" / numbers_.at(name));
}

void UsbPort::pull(const Stick& stick) {
    for (std::size_t i = stick.partitions.size(); i > 0; --i) remove(stick.name + std::to_string(i));
    remove(stick.name);
}

void UsbPort::set_properties(const std::string& name, const Properties& properties) {
    for (const auto& [key, value] : properties)
        umockdev_testbed_set_property(testbed, path_of(name).c_str(), key.c_str(), value.c_str());
}

void UsbPort::set_attribute(const std::string& name, const char* attribute, const std::string& value) {
    umockdev_testbed_set_attribute(testbed, path_of(name).c_str(), attribute, value.c_str());
}

void UsbPort::event(const std::string& name, const char* action) {
    umockdev_testbed_uevent(testbed, path_of(name).c_str(), action);
}

void UsbPort::write_mounts(const std::string& lines) {
    std::ofstream(tree.path() / "proc/self/mountinfo") << root << lines;
}

void UsbPort::write_fstab(const std::string& text) {
    std::ofstream(tree.path() / "etc/fstab") << text;
}

Result<void> UsbPort::start(QualificationRules rules) {
    watch = std::make_unique<DeviceWatch>(
        io, DeviceWatchOptions{.rules = std::move(rules),
                               .store = "/var/lib/wcmp/store",
                               .system = {.proc = tree.path() / "proc", .etc = tree.path() / "etc"},
                               .look_again_after = look_again_after});
    const auto with_state = [this](const char* what) {
        return [this, what](const Device& device) {
            say(what + std::string(" ") + key_text(device.key) + " " + readiness_word(device.readiness));
        };
    };
    return watch->start(
        {.found = with_state("found"),
         .changed = with_state("changed"),
         .gone = [this](const DeviceKey& key) { say("gone " + key_text(key)); },
         .disqualified = [this](const DeviceKey& key) { say("disqualified " + key_text(key)); },
         .wanted = [this](const DeviceKey& key) { say("wanted " + key_text(key)); },
         .settled = [this] { say("settled"); },
         .unknown_system = [this](std::string_view why) { say(why.empty() ? "known" : "unknown"); }});
}

void UsbPort::say(const std::string& word) {
    said_.push_back(word);
    if (on_word) on_word(word);
}

std::vector<std::string> UsbPort::next(std::size_t count) {
    constexpr std::chrono::seconds patience{20};
    const auto until = std::chrono::steady_clock::now() + patience;
    while (said_.size() < count && io.run_one_until(until) > 0) continue;
    return std::exchange(said_, {});
}

std::vector<std::string> UsbPort::everything() {
    const auto name = std::string("sd") + static_cast<char>('z' - tokens_);
    const auto token = "found 8:" + std::to_string((25 - tokens_) * 16) + "#999 ready";
    plug({.name = name, .port = 900 + tokens_++, .sequence = 999, .disk = vfat()});
    constexpr std::chrono::seconds patience{20};
    const auto until = std::chrono::steady_clock::now() + patience;
    while (std::ranges::find(said_, token) == said_.end() && io.run_one_until(until) > 0) continue;
    if (std::erase(said_, token) == 0) said_.push_back("the last stick was not told");
    return std::exchange(said_, {});
}

}  // namespace wcmp::drives
