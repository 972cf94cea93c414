/** What a service runs: a program with its arguments, and variables for it. All of it may hold spaces, quotes and anything but control characters. */
export interface ServiceRun {
  program: string
  args: readonly string[]
  env: Readonly<Record<string, string>>
}

export const serviceName = 'drawbridge'
export const launchdLabel = 'app.drawbridge.serve'

/** Seconds: longer than Drawbridge needs to end its servers. */
const stopWithin = 15

/** systemd.syntax(7) and systemd.service(5): what has a meaning between double quotes, and `%`, which has one everywhere. */
const unitQuoted = (text: string, command: boolean): string => {
  const escaped = text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')
  return `"${command ? escaped.replaceAll('$', '$$$$') : escaped}"`
}

/** A user unit of systemd. `never`: exit codes after which another try would fail as well. */
export function systemdUnit({ program, args, env }: ServiceRun, never: readonly number[]): string {
  return `# Written by "drawbridge service install", which replaces it; what is to stay goes into a drop-in (systemctl --user edit ${serviceName}).
[Unit]
Description=Drawbridge: lets assistants use the tools you chose

[Service]
Type=exec
${Object.entries(env)
  .map(([name, value]) => `Environment=${unitQuoted(`${name}=${value}`, false)}\n`)
  .join('')}ExecStart=${[program, ...args].map((word) => unitQuoted(word, true)).join(' ')}
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=${never.join(' ')}
KillMode=mixed
TimeoutStopSec=${stopWithin}
UMask=0077

[Install]
WantedBy=default.target
`
}

const xml = (text: string): string =>
  text.replace(/[&<>"]/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[letter] ?? '&quot;')

/**
 * launchd.plist(5), for the user's agents: started at login, and again when it failed. It knows no exit codes but 0, so what would only
 * fail again has to end with that (`serve --as-service`).
 */
export function launchdPlist({ program, args, env }: ServiceRun): string {
  const string = (text: string) => `<string>${xml(text)}</string>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>${string(launchdLabel)}
  <key>ProgramArguments</key>
  <array>
${[program, ...args].map((word) => `    ${string(word)}\n`).join('')}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${Object.entries(env)
  .map(([name, value]) => `    <key>${xml(name)}</key>${string(value)}\n`)
  .join('')}  </dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>ThrottleInterval</key><integer>10</integer>
  <key>ExitTimeOut</key><integer>${stopWithin}</integer>
  <key>Umask</key><integer>63</integer>
  <key>ProcessType</key><string>Background</string>
</dict>
</plist>
`
}

/** As CommandLineToArgvW reads it: backslashes count only before a quotation mark. */
export const windowsQuoted = (word: string): string =>
  /^[^\s"]+$/.test(word) ? word : `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`

/**
 * A task of Windows' scheduler that begins when its user signs in. Variables have no place in a task, so they are options of the
 * command there; `conhost --headless` keeps a window from opening.
 */
export function windowsTask({ program, args }: Omit<ServiceRun, 'env'>, user: string): string {
  const words = ['--headless', program, ...args].map(windowsQuoted).join(' ')
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>Drawbridge: lets assistants use the tools you chose</Description></RegistrationInfo>
  <Triggers><LogonTrigger><Enabled>true</Enabled><UserId>${xml(user)}</UserId></LogonTrigger></Triggers>
  <Principals><Principal id="Author"><UserId>${xml(user)}</UserId><LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel></Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>255</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author"><Exec><Command>conhost.exe</Command><Arguments>${xml(words)}</Arguments></Exec></Actions>
</Task>
`
}
