#include "node/reading.h"

#include "node/failure.h"

#include <algorithm>

namespace wcmp::node {

namespace {

// Arrivals that one piece of work looks up: more than fit into one part.
constexpr std::size_t arrivals_at_once = 2048;

class ServedBundle final : public BundleFile {
public:
    ServedBundle(Context& context, std::shared_ptr<const bundle::Reader> bundle)
        : context_(context), bundle_(std::move(bundle)) {}

    std::uint64_t size() const override { return bundle_->header().file_bytes; }

    void read(std::uint64_t offset, std::size_t length, Reply<Bytes> reply) override {
        auto work = [bundle = bundle_, offset, length]() -> Result<Bytes> {
            Bytes bytes(length);
            WCMP_TRY(io::read_exactly(bundle->file(), offset, bytes));
            return bytes;
        };
        context_.home.run(
            context_.reader_worker, std::move(work),
            [reply = std::move(reply)](auto result) mutable { reply(outcome(std::move(result))); });
    }

private:
    Context& context_;
    std::shared_ptr<const bundle::Reader> bundle_;
};

template <class T>
void reply_later(Home& home, Reply<T> reply, Failure failure) {
    home.post([reply = std::move(reply), failure = std::move(failure)]() mutable {
        reply(std::unexpected(std::move(failure)));
    });
}

}  // namespace

Reading::Reading(Context& context, View& view, Repairs& repairs, const RunNonce& nonce)
    : context_(context), view_(view), repairs_(repairs), nonce_(nonce) {}

void Reading::read(const MessageId& id, Reply<Bytes> reply) {
    auto work = [&store = context_.store, id, today = context_.keeper.today()] {
        return store.read(id, today);
    };
    context_.home.run(context_.reader_worker, std::move(work),
                      [reply = std::move(reply)](auto result) mutable { reply(outcome(std::move(result))); });
}

void Reading::length_of(const MessageId& id, Reply<std::uint64_t> reply) {
    auto work = [&store = context_.store, id, today = context_.keeper.today()] {
        return store.length_of(id, today);
    };
    context_.home.run(context_.reader_worker, std::move(work),
                      [reply = std::move(reply)](auto result) mutable { reply(outcome(std::move(result))); });
}

std::vector<BundleInfo> Reading::bundles() const {
    std::vector<BundleInfo> infos;
    for (const auto& bundle : view_.snapshot()->bundles) {
        const auto& name = bundle->name();
        if (name.last <= context_.keeper.today().floor) continue;
        infos.push_back(
            {bundle::to_string(name), name.last, bundle->header().messages, bundle->header().file_bytes});
    }
    return infos;
}

Outcome<std::shared_ptr<BundleFile>> Reading::open_bundle(const std::string& name) {
    const auto parsed = bundle::parse_name(name);
    const auto& bundles = view_.snapshot()->bundles;
    const auto found = std::ranges::find_if(
        bundles, [&parsed](const auto& bundle) { return parsed && bundle->name() == *parsed; });
    if (found == bundles.end()) return std::unexpected(Failure{Errc::not_found, "there is no such bundle"});
    return std::make_shared<ServedBundle>(context_, *found);
}

void Reading::recognition(const std::string& cursor, DayRange range, std::size_t records_max,
                          Reply<RecognitionPart> reply) {
    RecognitionCursor start;
    start.ring = view_.arrivals().end();
    if (!cursor.empty()) {
        auto decoded = decode_cursor(nonce_, cursor);
        if (!decoded)
            return reply_later(context_.home, std::move(reply),
                               Failure{decoded.error().code == Errc::expired ? Errc::expired : Errc::invalid,
                                       std::string(decoded.error().what)});
        start = *decoded;
    }
    const auto& arrivals = view_.arrivals();
    if (start.ring < arrivals.first() || start.ring > arrivals.end())
        return reply_later(context_.home, std::move(reply),
                           Failure{Errc::expired, "too much has arrived since; start again"});
    Asked asked{start, range, std::max<std::size_t>(records_max, 1), std::move(reply)};
    if (start.scan == RecognitionCursor::Scan::end)
        follow(std::move(asked));
    else
        scan(std::move(asked));
}

RecognitionRequest Reading::request_for(const Asked& asked) const {
    return {view_.snapshot(), context_.keeper.today(), asked.range, asked.records_max,
            [&store = context_.store](const auto& bundle) { return store.sidecars().open(bundle); }};
}

void Reading::scan(Asked asked) {
    std::optional<MessageKey> after;
    if (asked.cursor.scan == RecognitionCursor::Scan::after) after = asked.cursor.after;
    auto work = [request = request_for(asked), after] { return scan_records(request, after); };
    context_.home.run(context_.reader_worker, std::move(work),
                      [this, asked = std::move(asked)](auto result) mutable {
                          using Scan = RecognitionCursor::Scan;
                          if (result.ended)
                              asked.cursor = {Scan::end, {}, asked.cursor.ring};
                          else
                              asked.cursor = {Scan::after, result.last, asked.cursor.ring};
                          answer(std::move(asked), std::move(result));
                      });
}

void Reading::follow(Asked asked) {
    auto arrivals = view_.arrivals().from(asked.cursor.ring, arrivals_at_once);
    if (!arrivals)
        return asked.reply(
            std::unexpected(Failure{Errc::expired, "too much has arrived since; start again"}));
    auto work = [request = request_for(asked), arrivals = std::move(*arrivals)] {
        return arrival_records(request, arrivals);
    };
    context_.home.run(context_.reader_worker, std::move(work),
                      [this, asked = std::move(asked)](auto result) mutable {
                          asked.cursor.ring += result.looked_at;
                          answer(std::move(asked), std::move(result));
                      });
}

// Nothing found is an answer only when there is nothing more to look at.
void Reading::answer(Asked asked, RecognitionRecords records) {
    repairs_.want(records.damaged);
    const auto caught_up =
        asked.cursor.scan == RecognitionCursor::Scan::end && asked.cursor.ring == view_.arrivals().end();
    if (records.count == 0 && !caught_up && !context_.stopping) return follow(std::move(asked));
    RecognitionPart part;
    part.records = std::move(records.records);
    part.count = records.count;
    part.cursor = encode_cursor(nonce_, asked.cursor);
    part.caught_up = caught_up;
    asked.reply(std::move(part));
}

}  // namespace wcmp::node
