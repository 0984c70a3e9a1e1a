// The command line: what the commands declare, and what a person typed. Only command_line.cpp knows the
// library that reads it: that takes more time to compile than any command.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace wcmp::program {

// An option, or an argument without a name.
class Option {
public:
    explicit Option(CLI::Option* option) : option_(option) {}

    Option& required();
    // What stands for the value in the help.
    Option& type_name(const std::string& name);
    // What is wrong with a value, in words; nothing when it is right.
    Option& check(std::string (*wrong)(const std::string&));
    Option& one_of(const std::vector<int>& values);
    // May be repeated, with one value each time.
    Option& repeated();
    Option& excludes(const Option& other);

private:
    CLI::Option* option_;
};

// A command, or what stands before all of them. What is declared writes to the values when it is parsed.
class Command {
public:
    explicit Command(CLI::App* app) : app_(app) {}

    Command add_subcommand(const std::string& name, const std::string& description);
    // A command that is nothing without one of its own.
    Command add_group(const std::string& name, const std::string& description);
    Option add_option(const std::string& name, std::string& value, const std::string& description = {});
    Option add_option(const std::string& name, std::uint32_t& value, const std::string& description);
    Option add_option(const std::string& name, std::vector<std::string>& values,
                      const std::string& description);
    Option add_option(const std::string& name, std::vector<std::uint32_t>& values,
                      const std::string& description);
    Option add_flag(const std::string& name, bool& value, const std::string& description);
    void footer(const std::string& text);
    // Called when the command is what was asked for.
    void callback(std::function<void()> chosen);

private:
    CLI::App* app_;
};

class CommandLine {
public:
    CommandLine(const std::string& description, const std::string& name, const std::string& version);
    ~CommandLine();

    // General options that are declared on it may stand after the subcommands that are declared later.
    Command top() { return Command(app_.get()); }
    // The exit status where nothing is to be run: after --help, --version, or a mistake, which it has told.
    std::optional<int> parse(int argc, char** argv);

private:
    std::unique_ptr<CLI::App> app_;
};

}  // namespace wcmp::program
