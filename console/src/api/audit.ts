import { addressOf, type Call } from "./call";
import type { AuditFilter, AuditItem, AuditVerdict, Page } from "./types";

export type ExportFormat = "csv" | "jsonl";

export function auditApi(call: Call) {
  return {
    list: (filter: AuditFilter, cursor?: string) =>
      call<Page<AuditItem>>("/audit", { query: { ...filter, cursor } }),
    kinds: () => call<{ items: string[] }>("/audit/kinds"),
    verify: () => call<AuditVerdict>("/audit/verify"),
    /** The address of a download: the browser writes the stream to disk, whatever its length. */
    exportAddress: (from: string | undefined, to: string | undefined, format: ExportFormat) =>
      addressOf("/audit/export", { from, to, format }),
  };
}
