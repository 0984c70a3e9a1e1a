// wcmp contact add|list|remove
#include "client/key_line.h"
#include "command.h"
#include "exit_codes.h"
#include "show.h"

#include <algorithm>
#include <iostream>

#include <boost/json/array.hpp>

namespace wcmp::program {
namespace {

namespace json = boost::json;

json::object contact_json(const client::Contact& contact) {
    return {{"name", contact.name}, {"key", client::to_key_line(contact.key)}};
}

Done add(Session& session, const std::string& name, const std::string& line) {
    WCMP_TRY(client::check_name(name));
    const auto key = client::parse_key_line(line);
    if (!key) {
        Failure failure(key.error());
        failure.advice = "compare it with what the person gave you";
        return std::unexpected(failure);
    }
    WCMP_ASSIGN(auto vault, session.open_or_create_vault());
    auto& contacts = vault.profile().contacts;
    if (const auto* const named = vault.profile().find_contact(name)) {
        if (named->key == *key) return 0;
        return refuse(exit_nothing,
                      name + " is there with another key; `wcmp contact remove " + name + "` comes first");
    }
    if (const auto* const same = vault.profile().find_contact(*key))
        return refuse(exit_nothing, "this key is " + same->name + "'s already");
    contacts.push_back({.name = name, .key = *key});
    WCMP_TRY(session.at_home(vault.save()));
    if (session.options.json) print(contact_json(contacts.back()));
    return 0;
}

Done list_contacts(Session& session) {
    WCMP_ASSIGN(const auto vault, session.open_vault());
    const auto& contacts = vault.profile().contacts;
    if (session.options.json) {
        json::array all;
        for (const auto& contact : contacts) all.push_back(contact_json(contact));
        print(all);
        return 0;
    }
    for (const auto& contact : contacts)
        std::cout << column(contact.name, 16) << ' ' << client::to_key_line(contact.key) << '\n';
    return 0;
}

Done remove(Session& session, const std::string& name) {
    WCMP_ASSIGN(auto vault, session.open_vault());
    if (std::erase_if(vault.profile().contacts, [&](const auto& one) { return one.name == name; }) == 0)
        return refuse(exit_nothing,
                      "no contact named " + name + "; `wcmp contact list` tells which there are");
    WCMP_TRY(session.at_home(vault.save()));
    return 0;
}

}  // namespace

void declare_contact(Command app, Session& session, Run& run) {
    auto group = app.add_group("contact", "the people you write to and hear from");
    auto fresh = group.add_subcommand("add", "a contact, by the line that the person gave you");
    auto all = group.add_subcommand("list", "your contacts");
    auto gone = group.add_subcommand("remove", "forget a contact");
    const auto name = std::make_shared<std::string>();
    const auto line = std::make_shared<std::string>();
    fresh.add_option("NAME", *name, "what you call the person").required();
    fresh.add_option("LINE", *line, "wcmp1...").required();
    gone.add_option("NAME", *name).required();
    fresh.callback([&session, &run, name, line] {
        run = [&session, name, line] { return add(session, *name, *line); };
    });
    all.callback([&session, &run] { run = [&session] { return list_contacts(session); }; });
    gone.callback([&session, &run, name] { run = [&session, name] { return remove(session, *name); }; });
}

}  // namespace wcmp::program
