// A callback of the node as something to co_await.
#pragma once

#include "node/service.h"

#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wcmp::api {

// co_await await_reply<T>([&](node::Reply<T> reply) { service.call(..., std::move(reply)); })
// The coroutine goes on from the event loop, never inside the node's own call.
template <class T, class Start>
boost::asio::awaitable<node::Outcome<T>> await_reply(Start start) {
    auto initiate = [&start](auto handler) {
        start(node::Reply<T>([handler = std::move(handler)](node::Outcome<T> outcome) mutable {
            const auto executor = boost::asio::get_associated_executor(handler);
            boost::asio::post(executor,
                              [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
                                  std::move(handler)(std::move(outcome));
                              });
        }));
    };
    co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                                   void(node::Outcome<T>)>(std::move(initiate),
                                                                           boost::asio::use_awaitable);
}

}  // namespace wcmp::api
