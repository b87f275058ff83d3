// The command line's names for what exchange/task_message.hpp makes.
#pragma once

#include "exchange/task_message.hpp"

namespace gw::app {

using exchange::kCreateOrder;
using exchange::kReadMetadata;
using exchange::kReadOrder;
using exchange::make_headers;
using exchange::make_order;
using exchange::TaskMessage;
using exchange::User;

}  // namespace gw::app
