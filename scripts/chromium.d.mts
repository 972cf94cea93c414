/** For Playwright's `launch`. */
interface ChromiumOptions {
  executablePath: string | undefined
  args: string[]
}
export declare const chromiumOptions: ChromiumOptions
export declare const headlessShellOptions: ChromiumOptions
