/* What a monitor was asked to do is written down, so that one that is killed can be replaced. */
#include "runtime/monitor.h"

void monitor_options_keep(const struct monitor_options *options, struct spec_record *record)
{
	record->log = (struct maybe_bool){true, true};
	record->log_size = (struct maybe_uint){options->log_size > 0, options->log_size};
	record->log_files = (struct maybe_uint){options->log_size > 0, options->log_files};
	record->log_block = (struct maybe_bool){options->block, options->block};
	record->out_pipe = (struct maybe_uint){true, options->out_pipe};
	record->err_pipe = (struct maybe_uint){true, options->err_pipe};
	record->disposable = (struct maybe_bool){options->remove, options->remove};
}

void monitor_options_recall(const struct spec_record *record, struct monitor_options *options)
{
	options->log_size = record->log_size.value;
	options->log_files = record->log_files.value > 0 ? (uint32_t)record->log_files.value : 1;
	options->block = record->log_block.value;
	options->out_pipe = record->out_pipe.value;
	options->err_pipe = record->err_pipe.value;
	options->remove = record->disposable.value;
}
