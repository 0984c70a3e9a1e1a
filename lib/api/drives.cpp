// What an operator may ask of a drive.
#include "api/handlers.h"

namespace wcmp::api {
namespace {

using Call = node::Outcome<void> (node::Service::*)(const std::string&);

// It begins; what comes of it is in the list of drives and in the events.
Answered ask(const Exchange& exchange, Call call) {
    if (!exchange.by_operator()) return std::unexpected(problem(Code::operator_only));
    const auto asked = (exchange.service().*call)(exchange.request().parameter);
    if (!asked) return std::unexpected(problem_of(asked.error(), Subject::other));
    return json_answer("{}", 202);
}

}  // namespace

Answered sync_drive(const Exchange& exchange) {
    return ask(exchange, &node::Service::sync_drive);
}

Answered release_drive(const Exchange& exchange) {
    return ask(exchange, &node::Service::release_drive);
}

}  // namespace wcmp::api
