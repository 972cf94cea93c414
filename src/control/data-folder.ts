import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/**
 * Where Drawbridge keeps its data, the same for both shells and the command line: `given` (`--data`), else
 * `DRAWBRIDGE_DATA`, else the platform's usual place (XDG Base Directory Specification; Apple's and Microsoft's guides).
 * Always absolute.
 */
export function dataFolder(
  given: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const wanted = given || env.DRAWBRIDGE_DATA
  if (wanted) return resolve(wanted)
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Drawbridge')
  if (platform === 'win32') return join(env.APPDATA || join(home, 'AppData', 'Roaming'), 'Drawbridge')
  const shared = env.XDG_DATA_HOME
  // the specification says that relative paths are to be ignored
  return join(shared && isAbsolute(shared) ? shared : join(home, '.local', 'share'), 'drawbridge')
}
