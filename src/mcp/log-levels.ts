const others: Readonly<Record<string, string>> = {
  warn: 'warning',
  fatal: 'critical',
  panic: 'emergency',
  trace: 'debug',
  verbose: 'debug',
  err: 'error',
}

/** A level of RFC 5424 as MCP writes it, where the libraries of some language have another name or case for it; else as it was. */
export function levelNamed(given: unknown): unknown {
  if (typeof given !== 'string') return given
  const name = given.trim().toLowerCase()
  return Object.hasOwn(others, name) ? others[name] : name
}

/** RFC 5424, least severe first. */
const levels: readonly unknown[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
]

/** 0 for `debug` up to 7; −1 for what is no level. */
export const severity = (level: unknown): number => levels.indexOf(level)
