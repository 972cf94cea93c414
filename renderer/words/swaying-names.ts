/** Environment names whose value decides what a program loads or from where: what stands in the command is then not all. */
const SWAYING = [
  /^(PATH|PATHEXT|HOME|USERPROFILE|COMSPEC|SHELL|IFS|ENV|BASH_ENV|ZDOTDIR)$/,
  /^(LD|DYLD)_/,
  /^(NODE_OPTIONS|NODE_PATH|NODE_EXTRA_CA_CERTS|ELECTRON_RUN_AS_NODE|DENO_DIR|BUN_INSTALL)$/,
  /^(npm_config_|NPM_CONFIG_|YARN_|PNPM_|COREPACK_)/i,
  /^(PYTHON(PATH|HOME|STARTUP|USERBASE)|PIP_|UV_|VIRTUAL_ENV$)/,
  /^(RUBYOPT|RUBYLIB|GEM_|PERL5|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|DOTNET_|CORECLR_)/,
  /^(https?_proxy|all_proxy|ssl_cert_file|docker_host|git_ssh|git_ssh_command|git_config)/i,
]

/** Those among names of settings that can change what is really started. */
export const swayingNames = (names: readonly string[]): string[] =>
  names.filter((name) => SWAYING.some((pattern) => pattern.test(name)))
