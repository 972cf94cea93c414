/** For Playwright's `launch`. */
export declare const chromiumOptions: { executablePath: string | undefined; args: string[] }
