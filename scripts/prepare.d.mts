/** Whether `out/` is what would be built now. */
export declare function isBuilt(): boolean
