#include "command_line.h"

#include "client/printable.h"
#include "exit_codes.h"

#include <utility>

#include <CLI/CLI.hpp>

namespace wcmp::program {
namespace {

// What was not understood comes before what is missing because of it.
std::string wrong_usage(const CLI::App* app, const CLI::Error& error) {
    const auto rest = app->remaining(true);
    const auto what = rest.empty() ? std::string(error.what())
                                   : "there is no command, option or argument " + rest.front() + " here";
    return "wcmp: " + client::printable(what) + "\nRun with --help for more information.\n";
}

}  // namespace

Option& Option::required() {
    option_->required();
    return *this;
}

Option& Option::type_name(const std::string& name) {
    option_->type_name(name);
    return *this;
}

Option& Option::check(std::string (*wrong)(const std::string&)) {
    option_->check(wrong, "");
    return *this;
}

Option& Option::one_of(const std::vector<int>& values) {
    option_->check(CLI::IsMember(values));
    return *this;
}

Option& Option::repeated() {
    option_->take_all()->allow_extra_args(false);
    return *this;
}

Option& Option::excludes(const Option& other) {
    option_->excludes(other.option_);
    return *this;
}

Command Command::add_subcommand(const std::string& name, const std::string& description) {
    return Command(app_->add_subcommand(name, description));
}

Command Command::add_group(const std::string& name, const std::string& description) {
    return Command(app_->add_subcommand(name, description)->require_subcommand(1, 1));
}

Option Command::add_option(const std::string& name, std::string& value, const std::string& description) {
    return Option(app_->add_option(name, value, description));
}

Option Command::add_option(const std::string& name, std::uint32_t& value, const std::string& description) {
    return Option(app_->add_option(name, value, description));
}

Option Command::add_option(const std::string& name, std::vector<std::string>& values,
                           const std::string& description) {
    return Option(app_->add_option(name, values, description));
}

Option Command::add_option(const std::string& name, std::vector<std::uint32_t>& values,
                           const std::string& description) {
    return Option(app_->add_option(name, values, description));
}

Option Command::add_flag(const std::string& name, bool& value, const std::string& description) {
    return Option(app_->add_flag(name, value, description));
}

void Command::footer(const std::string& text) {
    app_->footer(text);
}

void Command::callback(std::function<void()> chosen) {
    app_->callback(std::move(chosen));
}

CommandLine::CommandLine(const std::string& description, const std::string& name, const std::string& version)
    : app_(std::make_unique<CLI::App>(description, name)) {
    app_->failure_message(wrong_usage);
    app_->fallthrough();  // what is added later inherits it
    app_->require_subcommand(1, 1);
    app_->set_version_flag("--version", version);
}

CommandLine::~CommandLine() = default;

std::optional<int> CommandLine::parse(int argc, char** argv) {
    try {
        app_->parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::Success& success) {  // --help, --version
        return app_->exit(success);
    } catch (const CLI::ParseError& error) {
        app_->exit(error);
        return exit_usage;
    }
}

}  // namespace wcmp::program
