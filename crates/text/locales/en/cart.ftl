# The cart.

cart-title = Cart
cart-heading = Your cart
cart-empty = Your cart is empty.
cart-empty-advice = Whatever you add waits here for you.
cart-totals = Totals
cart-subtotal = Subtotal
cart-shipping-later = Taxes are included. Shipping is chosen at checkout.
cart-shortage = Something here is no longer available as often as you want it. Please take fewer or remove it.
cart-check-out = Check out
# $price is the price of one piece.
cart-each = { $price } each
cart-sold-out = Sold out. Please remove it.
# $count is the number of pieces that are left.
cart-few = Only { $count } left.
cart-decrease = Decrease quantity
cart-increase = Increase quantity
cart-quantity = Quantity:
cart-remove = Remove
