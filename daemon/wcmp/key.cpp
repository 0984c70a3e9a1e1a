// wcmp key new|list|show
#include "client/key_line.h"
#include "client/printable.h"
#include "command.h"
#include "exit_codes.h"
#include "show.h"

#include <iostream>

#include <boost/json/array.hpp>

namespace wcmp::program {
namespace {

namespace json = boost::json;

json::object key_json(const client::OwnKey& key) {
    return {{"name", key.name}, {"key", client::to_key_line(key.secret.public_key())}};
}

void print_key(const Session& session, const client::OwnKey& key) {
    if (session.options.json)
        print(key_json(key));
    else
        std::cout << client::to_key_line(key.secret.public_key()) << '\n';
}

Done make(Session& session, const std::string& name) {
    WCMP_TRY(client::check_name(name));
    WCMP_ASSIGN(auto vault, session.open_or_create_vault());
    auto& profile = vault.profile();
    if (profile.find_key(name) != nullptr)
        return refuse(exit_nothing, "there is a key named " + name +
                                        " already; choose another name, or `wcmp key show " + name + "`");
    WCMP_ASSIGN(auto secret, message::SecretKey::generate(session.random()));
    profile.keys.push_back({.name = name, .secret = std::move(secret)});
    // What was for this key before it was known cannot be: the cursor may stay.
    WCMP_TRY(session.at_home(vault.save()));
    print_key(session, profile.keys.back());
    if (!session.options.json)
        std::cerr << "Give this line to the people who write to you, and to nobody else: whoever has it can\n"
                     "recognise the messages that are made with it.\n";
    return 0;
}

Done list_keys(Session& session) {
    WCMP_ASSIGN(const auto vault, session.open_vault());
    const auto& keys = vault.profile().keys;
    if (session.options.json) {
        json::array all;
        for (const auto& key : keys) all.push_back(key_json(key));
        print(all);
        return 0;
    }
    for (const auto& key : keys)
        std::cout << column(key.name, 16) << ' ' << client::to_key_line(key.secret.public_key()) << '\n';
    return 0;
}

Done show(Session& session, const std::string& name) {
    WCMP_ASSIGN(const auto vault, session.open_vault());
    const auto& profile = vault.profile();
    if (name.empty() && profile.keys.size() > 1)
        return refuse(exit_usage, "there are several keys: name one (`wcmp key list`)");
    const auto* const key = !name.empty()          ? profile.find_key(name)
                            : profile.keys.empty() ? nullptr
                                                   : &profile.keys.front();
    if (key == nullptr)
        return refuse(exit_nothing, name.empty()
                                        ? "no key yet; `wcmp key new NAME` makes one"
                                        : "no key named " + name + "; `wcmp key list` tells which there are");
    print_key(session, *key);
    return 0;
}

}  // namespace

void declare_key(Command app, Session& session, Run& run) {
    auto group = app.add_group("key", "your own keys");
    auto fresh = group.add_subcommand("new", "make a key, and print the line to give to contacts");
    auto all = group.add_subcommand("list", "your keys");
    auto one = group.add_subcommand("show", "the line to give to contacts");
    const auto name = std::make_shared<std::string>();
    fresh.add_option("NAME", *name, "what you call it; contacts never see it").required();
    one.add_option("NAME", *name, "which, when there are several");
    fresh.callback([&session, &run, name] { run = [&session, name] { return make(session, *name); }; });
    all.callback([&session, &run] { run = [&session] { return list_keys(session); }; });
    one.callback([&session, &run, name] { run = [&session, name] { return show(session, *name); }; });
}

}  // namespace wcmp::program
