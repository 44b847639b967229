/** One column of a DataTable; the cell is the slot `cell-<key>`. */
export interface Column {
  key: string;
  title: string;
  /** Says what the row is: the card's head on a phone. */
  isMain?: boolean;
  /** The row's buttons: the card's foot on a phone. */
  isActions?: boolean;
  /** Digits of one width, never broken. */
  isFixed?: boolean;
}
