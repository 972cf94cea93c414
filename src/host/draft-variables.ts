import type { Parsed } from '../contract/api.ts'
import { HostError } from '../kernel/errors.ts'

/**
 * Variables whose value makes a program load or fetch other code than its command line says. The owner sees names only, so a
 * program must not set these.
 */
const decisive =
  /^(?:PATH|PATHEXT|SHELL|COMSPEC|HOME|USERPROFILE|APPDATA|ENV|BASH_ENV|BASH_FUNC.*|IFS|LD_.*|DYLD_.*|NODE_(?!ENV$).*|BUN_.*|DENO_.*|ELECTRON_.*|PYTHON.*|PERL5?(?:OPT|LIB|DB)|RUBYOPT|RUBYLIB|GEM_.*|BUNDLE_.*|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|DOTNET_.*|CORECLR_.*|COR_.*|LUA_INIT.*|LUA_C?PATH.*|PHP_INI_SCAN_DIR|PHPRC|R_PROFILE.*|GCONV_PATH|GIT_.*|SSH_ASKPASS|EDITOR|VISUAL|PAGER|BROWSER|NPM_.*|YARN_.*|PNPM_.*|COREPACK_.*|PIP_.*|UV_.*|PIPX_.*|CARGO_.*|RUSTUP_.*|GOFLAGS|GOPROXY|DOCKER_.*|XDG_CONFIG_.*|HTTPS?_PROXY|ALL_PROXY|SSL_CERT_.*|OPENSSL_.*)$/i

/** Throws HostError `server-invalid` for a draft that could run something else than its owner would be shown. */
export function checkDraftVariables(input: Parsed<'servers.draft'>): void {
  if (input.kind !== 'stdio') return
  const name = Object.keys(input.env).find((one) => decisive.test(one.trim()))
  if (name === undefined) return
  throw new HostError({
    code: 'server-invalid',
    message: `The variable “${name.slice(0, 80)}” can change what runs, so a program cannot set it.`,
    hint: 'Leave it out, or let the owner add this server in the app or on the command line.',
  })
}
