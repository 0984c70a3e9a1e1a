// Bundle files out and in, in pieces: neither is ever in memory as a whole.
#include "api/await_reply.h"
#include "api/date.h"
#include "api/handlers.h"
#include "api/media_type.h"
#include "api/ranges.h"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace wcmp::api {
namespace {

constexpr std::uint64_t file_piece_bytes = std::uint64_t{256} << 10;

boost::json::object by_name(const std::vector<node::Counted>& counts) {
    boost::json::object result;
    for (const auto& [name, count] : counts) result[name] = count;
    return result;
}

bool may_use_range(const Fields& fields, std::string_view etag) {
    return fields.if_range.empty() || fields.if_range == etag;
}

Problem outside(std::uint64_t size) {
    auto result = problem(Code::range_not_satisfiable, "the file has " + std::to_string(size) + " bytes");
    result.complete = size;
    return result;
}

Task<void> send_range(Exchange& exchange, node::BundleFile& file, ByteRange range) {
    auto left = range.length;
    while (left > 0) {
        const auto length = static_cast<std::size_t>(std::min(left, file_piece_bytes));
        const auto bytes = co_await await_reply<Bytes>([&](node::Reply<Bytes> reply) {
            file.read(range.first + range.length - left, length, std::move(reply));
        });
        // The length is promised already: to cut the connection is the only way to say that it failed.
        if (!bytes || bytes->size() != length) throw Abandoned();
        co_await exchange.write(*bytes);
        left -= length;
    }
}

Answer head_of(const ByteRange& range, std::uint64_t size, std::string etag) {
    Answer head{.type = media::bundle};
    head.fields.push_back({"ETag", std::move(etag)});
    head.fields.push_back({"Accept-Ranges", "bytes"});
    if (range.kind != ByteRange::Kind::part) return head;
    head.status = 206;
    head.fields.push_back({"Content-Range", "bytes " + std::to_string(range.first) + '-' +
                                                std::to_string(range.first + range.length - 1) + '/' +
                                                std::to_string(size)});
    return head;
}

Answer not_modified(const std::string& etag) {
    return Answer{.status = 304, .fields = {{"ETag", etag}}};
}

Answer render(const node::UploadResult& result) {
    return json_answer(boost::json::serialize(boost::json::object{{"imported", result.imported},
                                                                  {"known", result.known},
                                                                  {"refused", by_name(result.refused)},
                                                                  {"invalid", by_name(result.invalid)},
                                                                  {"damaged", result.damaged}}));
}

Task<std::expected<void, Problem>> send_pieces(Exchange& exchange, node::Upload& upload) {
    const auto bytes_max = exchange.service().limits().upload_bytes_max;
    for (;;) {
        auto piece = co_await exchange.body_piece(bytes_max);
        if (!piece) co_return std::unexpected(std::move(piece).error());
        if (piece->empty()) co_return std::expected<void, Problem>{};
        const auto written = co_await await_reply<void>(
            [&](node::Reply<void> reply) { upload.write(std::move(*piece), std::move(reply)); });
        if (!written) co_return std::unexpected(problem_of(written.error(), Subject::bundle));
    }
}

}  // namespace

Answer get_bundles(const node::Service& service) {
    boost::json::array list;
    for (const auto& bundle : service.bundles())
        list.push_back(boost::json::object{{"name", bundle.name},
                                           {"expires", to_date(bundle.expires)},
                                           {"messages", bundle.messages},
                                           {"bytes", bundle.bytes}});
    return json_answer(boost::json::serialize(list));
}

Task<Answered> get_bundle(Exchange& exchange) {
    const auto& request = exchange.request();
    const auto opened = exchange.service().open_bundle(request.parameter);
    if (!opened) co_return std::unexpected(problem_of(opened.error(), Subject::bundle));
    const auto& file = *opened;
    const auto etag = '"' + request.parameter + '"';
    if (none_match_names(request.fields.if_none_match, etag)) co_return not_modified(etag);
    const auto size = file->size();
    const auto range =
        parse_range(may_use_range(request.fields, etag) ? std::string_view(request.fields.range) : "", size);
    if (range.kind == ByteRange::Kind::unsatisfiable) co_return std::unexpected(outside(size));
    co_await exchange.begin(head_of(range, size, etag), range.length);
    co_await send_range(exchange, *file, range);
    co_await exchange.end();
    co_return Answer{.sent = true};
}

Task<Answered> upload_bundle(Exchange& exchange) {
    const auto& type = exchange.request().fields.content_type;
    if (!has_type(type, media::bundle) && !has_type(type, media::bytes))
        co_return std::unexpected(unsupported_media_type(media::bundle));
    const auto upload = co_await await_reply<std::shared_ptr<node::Upload>>(
        [&](node::Reply<std::shared_ptr<node::Upload>> reply) {
            exchange.service().upload(std::move(reply));
        });
    if (!upload) co_return std::unexpected(problem_of(upload.error(), Subject::bundle));
    const auto sent = co_await send_pieces(exchange, **upload);
    if (!sent) co_return std::unexpected(sent.error());
    const auto result = co_await await_reply<node::UploadResult>(
        [&](node::Reply<node::UploadResult> reply) { (*upload)->finish(std::move(reply)); });
    if (!result) co_return std::unexpected(problem_of(result.error(), Subject::bundle));
    co_return render(*result);
}

}  // namespace wcmp::api
