// wcmp-mountd, the relay's privileged half: mounts drives where only wcmpd reaches them, and shows its light.
#include "drives/device_watch.h"
#include "led.h"
#include "mountd.h"
#include "service/command_line.h"
#include "service/hardening.h"
#include "service/log_setup.h"

#include <string>
#include <string_view>
#include <vector>

namespace {

using wcmp::drives::FileSystemKind;
using wcmp::settings::LogLevel;

struct CommandLine {
    wcmp::mountd::Options options;
    std::vector<std::string> more_file_systems;
    std::string log_level = "info";
};

LogLevel level_named(std::string_view name) {
    if (name == "error") return LogLevel::error;
    if (name == "warning") return LogLevel::warning;
    return name == "debug" ? LogLevel::debug : LogLevel::info;
}

std::string led_name(const std::string& name) {
    return wcmp::mountd::is_led_name(name) ? "" : "a name below /sys/class/leds, not a path";
}

void declare(CLI::App& app, CommandLine& line) {
    auto& options = line.options;
    app.add_option("--user", options.user, "whom drives are handed to")->type_name("NAME");
    app.add_option("--socket", options.socket, "where that user's wcmpd connects")->type_name("PATH");
    app.add_option("--store", options.store, "folder of the store: its disk is never a drive")
        ->type_name("DIR");
    app.add_option("--filesystem", line.more_file_systems, "one more than vfat and exfat; may be repeated")
        ->type_name("TYPE")
        ->check(CLI::IsMember({"ext4"}));
    app.add_option("--led", options.lights, "light to use, the first that there is; may be repeated")
        ->type_name("NAME")
        ->check(CLI::Validator(led_name, ""));
    app.add_option("--buzzer", options.beeper, "beeper that is switched like a light")
        ->type_name("NAME")
        ->check(CLI::Validator(led_name, ""));
    app.add_option("--light-memory", options.light_memory, "folder for what light and beeper did before")
        ->type_name("DIR");
    app.add_option("--log-level", line.log_level, "error, warning, info or debug")
        ->type_name("LEVEL")
        ->check(CLI::IsMember({"error", "warning", "info", "debug"}).description(""));
    app.set_version_flag("--version", std::string("wcmp-mountd ") + WCMP_VERSION);
}

int run(CommandLine line) {
    wcmp::daemon::set_up_log(level_named(line.log_level));
    line.options.version = WCMP_VERSION;
    if (!line.more_file_systems.empty()) line.options.file_systems.push_back(FileSystemKind::ext4);
    boost::asio::io_context io{1};
    wcmp::drives::DeviceWatch devices(
        io,
        {.rules = {.file_systems = line.options.file_systems}, .store = line.options.store, .system = {}});
    return wcmp::mountd::run(line.options, io, devices);
}

}  // namespace

int main(int argc, char** argv) {
    wcmp::daemon::harden_process();
    CLI::App app("Mounts drives for wcmpd, and shows its light.", "wcmp-mountd");
    CommandLine line;
    declare(app, line);
    if (const auto ended = wcmp::daemon::parse(app, argc, argv)) return *ended;
    return run(std::move(line));
}
