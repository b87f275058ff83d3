// A lease on a berth of a recipient's pool.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>

#include "delivery/attempts.hpp"
#include "delivery/courier.hpp"
#include "delivery/recipient.hpp"

namespace gw::delivery {

/// From the io thread `thread` alone.
class PooledLease final : public Lease {
 public:
  /// `berth` has a connection. `kept`: it was idle before, so that the recipient may have closed it meanwhile.
  PooledLease(std::shared_ptr<const Core> core, std::shared_ptr<Recipient> recipient, std::size_t thread, Berth berth,
              bool kept);
  PooledLease(const PooledLease&) = delete;
  PooledLease& operator=(const PooledLease&) = delete;
  ~PooledLease() override;

  asio::awaitable<Delivery> send(const net::WireRequest& request, TimePoint deadline) override;
  asio::awaitable<Result<net::ExchangeResult>> begin(const net::WireRequest& request, net::BodySource& body,
                                                     TimePoint deadline) override;
  [[nodiscard]] net::BodySource& answer_body() override { return berth_.connection->answer_body(); }

 private:
  asio::awaitable<Result<net::ExchangeResult>> exchange(const net::WireRequest& request, net::BodySource* body,
                                                        TimePoint deadline);
  asio::awaitable<net::ExchangeResult> attempt(const net::WireRequest& request, net::BodySource* body,
                                               TimePoint deadline);
  void settle();

  const std::shared_ptr<const Core> core_;
  const std::shared_ptr<Recipient> recipient_;
  const std::size_t thread_;
  Berth berth_;
  const bool kept_;
};

}  // namespace gw::delivery
