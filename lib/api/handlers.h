// What each endpoint does. One file a group: messages.cpp, recognition.cpp, bundles.cpp, state.cpp,
// clock.cpp, drives.cpp, events.cpp.
#pragma once

#include "api/exchange.h"

namespace wcmp::api {

// Dispatches on the endpoint.
Task<Answered> handle(Exchange& exchange);

Task<Answered> enqueue_message(Exchange& exchange);
Task<Answered> get_message(Exchange& exchange);
Task<Answered> fetch_messages(Exchange& exchange);
Task<Answered> fold(Exchange& exchange);
Task<Answered> get_recognition(Exchange& exchange);
Task<Answered> get_bundle(Exchange& exchange);
Task<Answered> upload_bundle(Exchange& exchange);
Task<Answered> set_clock(Exchange& exchange);
Task<Answered> follow_events(Exchange& exchange);
Answered sync_drive(const Exchange& exchange);
Answered release_drive(const Exchange& exchange);

Answer get_version(const node::Service& service, const Options& options);
Answer get_bundles(const node::Service& service);
Answer get_status(const node::Service& service);
Answer get_drives(const node::Service& service);

}  // namespace wcmp::api
